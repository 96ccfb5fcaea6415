import { EXTENSION_OID_SCT, X509Certificate } from '@sigstore/core';
import type { SignedEntity } from '@sigstore/verify';

/**
 * A certificate whose entries in logs of certificates are not looked at: the library checks each that it finds in a clone of
 * the certificate, also where none is asked for.
 */
class UnloggedCertificate extends X509Certificate {
  override clone(): X509Certificate {
    const clone = super.clone();
    const at = clone.extensions.findIndex((extension) => extension.subs[0]?.toOID() === EXTENSION_OID_SCT);
    if (at !== -1) clone.extensions.splice(at, 1);
    return clone;
  }
}

/** The same entity, for who asks for no log of certificates. */
export function withoutCertificateLogs(entity: SignedEntity): SignedEntity {
  if (entity.key.$case !== 'certificate') return entity;
  return {
    ...entity,
    key: { ...entity.key, certificate: new UnloggedCertificate(entity.key.certificate.root) },
  };
}
