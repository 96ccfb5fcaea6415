import { createHash } from 'node:crypto';
import type { DigestAlgorithm } from '../../model/index.ts';
import type { FileAccess } from './file-access.ts';

/** Memory for one piece after the other of whatever file is hashed. */
const piece = Buffer.allocUnsafeSlow(256 * 1024);

/** Hex digest of a file's content. */
export function digestOf(file: FileAccess, algorithm: DigestAlgorithm): string {
  const hash = createHash(algorithm);
  for (let at = 0; at < file.size; ) {
    const length = file.readInto(piece, 0, Math.min(piece.length, file.size - at), at);
    if (length === 0) break;
    hash.update(piece.subarray(0, length));
    at += length;
  }
  return hash.digest('hex');
}
