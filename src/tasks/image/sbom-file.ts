import { createReadStream } from 'node:fs';
import { statOrNothing } from '../../image/view/stat-or-nothing.ts';
import { decompress } from '../../io/decompress.ts';
import { bomKind, otherKind } from '../../io/tar/other-kind.ts';

/** The file of a reference that is an SBOM: `sbom:FILE`, or the path of a file that begins as one; undefined: it is an image. */
export async function sbomFile(reference: string): Promise<string | undefined> {
  const [, file] = /^sbom:(.+)$/s.exec(reference) ?? [];
  if (file !== undefined) return file;
  if (reference === '-' || !statOrNothing(reference)?.isFile()) return undefined;
  return (await beginsAsSbom(reference)) ? reference : undefined;
}

/** The block that identifies a tar. */
const headBytes = 512;

/** Whether a file, compressed or not, begins as tools write SBOMs; one in an envelope of signatures does not. */
async function beginsAsSbom(file: string): Promise<boolean> {
  let head = Buffer.alloc(0);
  try {
    for await (const piece of decompress(createReadStream(file), { maxBytes: Infinity, where: file })) {
      head = Buffer.concat([head, piece.subarray(0, headBytes)]);
      if (head.length >= headBytes) break;
    }
  } catch {
    // The reader of images reports the fault.
    return false;
  }
  return otherKind(head.subarray(0, headBytes))?.startsWith(bomKind) === true;
}
