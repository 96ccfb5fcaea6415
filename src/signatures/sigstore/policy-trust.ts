import { createHash } from 'node:crypto';
import { X509Certificate } from '@sigstore/core';
import type { TrustMaterial } from '@sigstore/verify';
import type { TrustedKey } from '../asked.ts';
import { readTrustedCertificates } from '../trusted-certificates.ts';

const always = { start: new Date(0), end: new Date(8_640_000_000_000_000) };

/** Authorities and logs that stand in a policy as certificates and keys, without dates. Errors: TRUST_ROOT_INVALID. */
export function policyTrust(
  authorities: readonly { file: string; bytes: Buffer }[],
  logKeys: readonly TrustedKey[],
): TrustMaterial {
  const certChain = authorities.flatMap(({ file, bytes }) =>
    readTrustedCertificates(bytes, file, 'signer').map(({ raw }) => X509Certificate.parse(Buffer.from(raw))),
  );
  return {
    certificateAuthorities: certChain.length === 0 ? [] : [{ certChain, validFor: always }],
    timestampAuthorities: [],
    ctlogs: [],
    tlogs: logKeys.map(({ key }) => ({
      baseURL: '',
      logID: createHash('sha256')
        .update(key.export({ type: 'spki', format: 'der' }))
        .digest(),
      publicKey: key,
      validFor: always,
    })),
    publicKey: () => {
      throw new Error('no key by a hint');
    },
  };
}

/** The authorities with those certificates of a signature that they issued, one below the other. */
export function withIntermediates(trust: TrustMaterial, brought: readonly X509Certificate[]): TrustMaterial {
  const certificateAuthorities = trust.certificateAuthorities.map((authority) => {
    const chain = [...authority.certChain];
    for (let grew = true; grew; ) {
      const next = brought.find(
        (one) => !chain.some((known) => known.equals(one)) && chain.some((above) => isIssued(one, above)),
      );
      if (next) chain.push(next);
      grew = next !== undefined;
    }
    return { ...authority, certChain: chain };
  });
  return { ...trust, certificateAuthorities };
}

function isIssued(certificate: X509Certificate, authority: X509Certificate): boolean {
  if (!authority.isCA || !certificate.issuer.equals(authority.subject)) return false;
  try {
    return certificate.verify(authority);
  } catch {
    // A stranger's certificate, by a key or an algorithm that does not go with the authority's.
    return false;
  }
}
