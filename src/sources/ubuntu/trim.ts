const versionLists = ['"versions": [', '"versions":['].map((text) => Buffer.from(text));
const binaryLists = ['"binaries": [', '"binaries":['].map((text) => Buffer.from(text));
const closing = 0x5d;

/** Records up to this size are parsed whole: cutting pays for itself only where lists are long. */
const smallRecord = 4096;
/** Above this size a record is of kernels, whose binaries (thousands, with their ABI in the name) are of no use. */
const kernelRecord = 128 * 1024;

/**
 * An OSV document without the contents of its `versions` lists, which are every version ever published: a third to
 * nine tenths of a record's bytes, none of which is read. Safe on valid JSON: within a string the quotes of the opening
 * would be escaped, and what is cut ends at the first bracket, which neither versions nor names hold. If one did, the
 * rest would be no JSON, and the caller reads the whole.
 */
export function withoutLongLists(document: Buffer): string {
  if (document.length <= smallRecord) return document.toString('utf8');
  const trimmed = cut(document, versionLists);
  return (document.length <= kernelRecord ? trimmed : cut(trimmed, binaryLists)).toString('utf8');
}

function cut(document: Buffer, openings: readonly Buffer[]): Buffer {
  const opening = openings.find((candidate) => document.includes(candidate));
  if (!opening) return document;
  const kept: Buffer[] = [];
  let from = 0;
  for (let at = document.indexOf(opening); at !== -1; at = document.indexOf(opening, from)) {
    const end = document.indexOf(closing, at + opening.length);
    if (end === -1) break;
    kept.push(document.subarray(from, at + opening.length));
    from = end;
  }
  kept.push(document.subarray(from));
  return Buffer.concat(kept);
}
