import { readSigningPolicy } from './policy/read-policy.ts';
import { readTrustedRoot } from './sigstore/trusted-root.ts';
import { readTrustedCertificates } from './trusted-certificates.ts';
import { readTrustedKey } from './trusted-key.ts';

/**
 * Something that signatures can be checked by: a trusted root, a policy, a public key, certificates or OpenPGP keys, by what
 * stands in the file. Errors: TRUST_ROOT_INVALID, TRUST_POLICY_INVALID.
 */
export async function requireTrustFile(bytes: Buffer, file: string): Promise<void> {
  const text = bytes.toString('utf8');
  if (text.trimStart().startsWith('{')) {
    if (text.includes('vnd.dev.sigstore.trustedroot')) readTrustedRoot(text, file);
    else readSigningPolicy(bytes, file);
  } else if (text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) {
    const { readKeys } = await import('./simple/read-keys.ts');
    await readKeys([{ file, bytes }]);
  } else if (/-----BEGIN (RSA )?PUBLIC KEY-----/.test(text)) readTrustedKey(text, file);
  else readTrustedCertificates(bytes, file, 'signer');
}
