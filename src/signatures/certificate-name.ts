import type { X509Certificate } from 'node:crypto';

/** `C=US, O=acme, CN=signer`: Node has a line for each, and none for a certificate without a subject. */
export function nameOf({ subject, subjectAltName }: X509Certificate): string {
  const names = subject as string | undefined;
  return names?.split('\n').join(', ') ?? subjectAltName ?? 'nobody';
}
