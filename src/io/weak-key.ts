import type { KeyObject } from 'node:crypto';

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
