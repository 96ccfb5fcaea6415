import { createReadStream } from 'node:fs';

const largestPiece = 1 << 18;

/** The bytes of a file of this size. Node makes a buffer for each read, and one for the end: those of a small file are small. */
export function filePieces(path: string, size: number): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: Math.min(largestPiece, Math.max(1, size)) });
}
