import { type KeyObject, X509Certificate } from 'node:crypto';
import { strongKeys, weakKey } from '../io/digest.ts';
import type { TrustedCertificate } from './asked.ts';
import { nameOf } from './certificate-name.ts';
import { invalidTrust } from './trusted-file.ts';

const invalid = invalidTrust(
  "specify the certificate of the signer's authority; one with a weak key has to be replaced by the authority",
);

/** The certificates of a file, in PEM or one in DER. Errors: TRUST_ROOT_INVALID. */
export function readTrustedCertificates(
  bytes: Buffer,
  file: string,
  use: TrustedCertificate['use'],
): TrustedCertificate[] {
  const blocks = bytes
    .toString('latin1')
    .match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g);
  return (blocks ?? [bytes]).map((one) => {
    const { certificate, key } = parsed(one, file);
    const weak = weakKey(key);
    const subject = nameOf(certificate);
    if (weak !== undefined) throw invalid(`expected ${strongKeys}, found ${weak} in ${subject}`, file);
    return { file, use, subject, raw: certificate.raw };
  });
}

function parsed(one: Buffer | string, file: string): { certificate: X509Certificate; key: KeyObject } {
  try {
    const certificate = new X509Certificate(one);
    return { certificate, key: certificate.publicKey };
  } catch (cause) {
    throw invalid('expected certificates in PEM or DER, found other bytes', file, cause);
  }
}
