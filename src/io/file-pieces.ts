import { createReadStream } from 'node:fs';

const largestPiece = 1 << 18;

/** The bytes of a file of this size, 0 if it is not known, as of a pipe. Node makes a buffer for each read, and one for the end: those of a small file are small. */
export function filePieces(path: string, size: number): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: Math.min(largestPiece, size || largestPiece) });
}
