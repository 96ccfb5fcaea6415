import { X509Certificate } from 'node:crypto';
import { ScapfeedError } from '../model/index.ts';
import type { TrustedCertificate } from './asked.ts';
import { nameOf } from './certificate-name.ts';

/** The certificates of a file, in PEM or one in DER. Errors: TRUST_ROOT_INVALID. */
export function readTrustedCertificates(
  bytes: Buffer,
  file: string,
  use: TrustedCertificate['use'],
): TrustedCertificate[] {
  const blocks = bytes
    .toString('latin1')
    .match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g);
  try {
    return (blocks ?? [bytes]).map((one) => {
      const certificate = new X509Certificate(one);
      return { file, use, subject: nameOf(certificate), raw: certificate.raw };
    });
  } catch (cause) {
    throw new ScapfeedError({
      code: 'TRUST_ROOT_INVALID',
      message: 'expected certificates in PEM or DER, found other bytes',
      where: file,
      remedy: "specify the certificate of the signer's authority",
      cause,
    });
  }
}
