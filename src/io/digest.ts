import { createHash, type KeyObject } from 'node:crypto';
import { promises } from 'node:fs';
import { filePieces } from './file-pieces.ts';

const fewestBits = 2048;
/** P-256, P-384 and P-521, by OpenSSL's names. */
const curves = ['prime256v1', 'secp384r1', 'secp521r1'];

/** The keys that are trusted to sign, for messages. */
export const strongKeys = 'a key of RSA from 2048 bits, of EC on P-256, P-384 or P-521, or of Ed25519';

/** Describes a public key that is too weak to be trusted for signatures; undefined: it is one of {@link strongKeys}. */
export function weakKey({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details,
}: KeyObject): string | undefined {
  if (type === 'ed25519') return undefined;
  if (type === 'rsa' || type === 'rsa-pss') {
    const bits = details?.modulusLength ?? 0;
    return bits >= fewestBits ? undefined : `RSA of ${bits} bits`;
  }
  if (type !== 'ec') return type ?? 'an unknown type';
  const curve = details?.namedCurve ?? 'a curve without a name';
  return curves.includes(curve) ? undefined : `EC on ${curve}`;
}

/** sha256 (hex) and size of a file, read in pieces. */
export async function fileDigest(path: string): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of filePieces(path, (await promises.stat(path)).size)) {
    hash.update(piece);
    size += piece.length;
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
