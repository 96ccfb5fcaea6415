import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** sha256 (hex) and size of a file, read in pieces. */
export async function fileDigest(path: string): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(piece as Buffer);
    size += (piece as Buffer).length;
  }
  return { sha256: hash.digest('hex'), size };
}

/** Digest algorithms of the OCI image specification that are registered, with their length in hex digits. */
const algorithms: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** `sha256:` and 64 hex digits, or `sha512:` and 128. */
export function isDigest(text: string): boolean {
  const [algorithm = '', hex = ''] = text.split(':', 2);
  return algorithms[algorithm] === hex.length && /^[0-9a-f]+$/.test(hex) && text.length < 140;
}
