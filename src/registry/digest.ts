import { createHash } from 'node:crypto';

/** Digest algorithms of the OCI image specification that are registered, with their length in hex digits. */
const algorithms: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** `sha256:` and 64 hex digits, or `sha512:` and 128. */
export function isDigest(text: string): boolean {
  const [algorithm = '', hex = ''] = text.split(':', 2);
  return algorithms[algorithm] === hex.length && /^[0-9a-f]+$/.test(hex) && text.length < 140;
}

/** Digest of a whole buffer, `sha256:HEX`. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
