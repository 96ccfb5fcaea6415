import { createHash } from 'node:crypto';
import type { DigestAlgorithm, RandomAccess } from '../../model/index.ts';

/** Bytes read at once: one buffer serves a file of any size. */
const pieceBytes = 256 * 1024;

/** Hex digest of a file's content. */
export function digestOf(file: RandomAccess, algorithm: DigestAlgorithm): string {
  const hash = createHash(algorithm);
  for (let at = 0; at < file.size; ) {
    const piece = file.read(at, pieceBytes);
    if (piece.length === 0) break;
    hash.update(piece);
    at += piece.length;
  }
  return hash.digest('hex');
}
