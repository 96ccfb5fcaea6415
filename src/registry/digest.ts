import { createHash } from 'node:crypto';

/** Digest of a whole buffer, `sha256:HEX`. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
