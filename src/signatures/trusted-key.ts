import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { strongKeys, weakKey } from '../io/digest.ts';
import type { TrustedKey } from './asked.ts';
import { invalidTrust } from './trusted-file.ts';

const invalid = invalidTrust(
  "specify the signer's public key, such as cosign.pub; a weak one has to be replaced by the signer",
);

/** A public key in PEM, as cosign writes it. Errors: TRUST_ROOT_INVALID. */
export function readTrustedKey(text: string, file: string): TrustedKey {
  const kinds = [...text.matchAll(/-----BEGIN ([A-Z ]+)-----/g)].map(([, kind]) => kind);
  if (kinds.length !== 1 || !/^(RSA )?PUBLIC KEY$/.test(kinds[0]!)) {
    throw invalid(`expected one PUBLIC KEY in PEM, found ${kinds.join(', ') || 'none'}`, file);
  }
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch (cause) {
    throw invalid('expected a public key, found one that cannot be read', file, cause);
  }
  const weak = weakKey(key);
  if (weak !== undefined) throw invalid(`expected ${strongKeys}, found ${weak}`, file);
  const der = key.export({ type: 'spki', format: 'der' });
  return { file, digest: `sha256:${createHash('sha256').update(der).digest('hex')}`, key };
}
