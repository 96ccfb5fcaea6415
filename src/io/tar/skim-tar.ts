import { fstatSync, readSync } from 'node:fs';
import type { Steps } from '../../model/progress.ts';
import type { TarReader } from './reader.ts';

/** Size of the pieces that are read. */
const pieceBytes = 64 * 1024;

/** Reads an uncompressed tar on disk; unwanted contents are skipped. Pauses after each piece. */
export function* skimTar(descriptor: number, reader: TarReader): Steps<void> {
  const { size } = fstatSync(descriptor);
  const piece = Buffer.allocUnsafe(pieceBytes);
  for (let at = 0; at < size && !reader.ended; ) {
    const length = readSync(descriptor, piece, 0, piece.length, at);
    if (length === 0) break;
    reader.push(piece.subarray(0, length));
    at += length;
    at += reader.skip(size - at);
    yield;
  }
}
