const closing = 0x5d;

/** Records up to this size are parsed whole: removing lists only saves time if they are long. */
const smallRecord = 4096;

/**
 * Removes the contents of `versions` lists (every version ever published) and `binaries` lists (current names and versions,
 * for which the archive's indexes are better) from an OSV document: nine tenths of a kernel's record.
 * Safe on valid JSON: in a string the quotes of the opening would be escaped, and the removed part ends at the first bracket,
 * which neither versions nor names contain. If one did, the rest would not be JSON, and the caller reads the whole.
 */
export function withoutLongLists(document: Buffer): string {
  if (document.length <= smallRecord) return document.toString('utf8');
  return cut(cut(document, '"versions":'), '"binaries":').toString('utf8');
}

function cut(document: Buffer, key: string): Buffer {
  const opening = ['[', ' ['].map((list) => Buffer.from(key + list)).find((text) => document.includes(text));
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
