import { createPublicKey } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import { EXTENSION_OID_SCT, X509Certificate } from '@sigstore/core';
import {
  type SignedEntity,
  type TrustMaterial,
  toSignedEntity,
  VerificationError,
  Verifier,
} from '@sigstore/verify';
import { strongKeys, weakKey } from '../../io/digest.ts';
import type { ProvenTime, RefusalCode, Signer, VerifiedSignature } from '../../model/verdict/index.ts';
import type { RequiredSigners, TrustedKey } from '../asked.ts';
import { Refused } from '../refused.ts';
import { withIntermediates } from './policy-trust.ts';
import type { SigstoreSignature } from './signature.ts';
import { certificateSigner, requireIdentity } from './signer.ts';
import { statementFacts } from './statement.ts';

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

/** The same entity, for policies that require no certificate transparency log. */
function withoutCertificateLogs(entity: SignedEntity): SignedEntity {
  if (entity.key.$case !== 'certificate') return entity;
  return {
    ...entity,
    key: { ...entity.key, certificate: new UnloggedCertificate(entity.key.certificate.root) },
  };
}

/** Milliseconds that clocks may be apart. */
const clockSkew = 300_000;

/** Checks everything but what is signed, which is known already: signature, certificate, log, time, signer. Throws Refused. */
export function verifySigstore(
  signature: SigstoreSignature,
  asked: RequiredSigners,
  now: Date,
): VerifiedSignature {
  const { bundle, statement } = signature;
  const isKey = bundle.verificationMaterial.content.$case === 'publicKey';
  const verified = isKey ? verifyByKeys(signature, asked) : verifyByCertificate(signature, asked);
  const late = verified.times.find(({ at }) => Date.parse(at) > now.getTime() + clockSkew);
  if (late) {
    throw new Refused('TIME_IN_FUTURE', `expected a time before ${now.toISOString()}, found ${late.at}`);
  }
  return { ...verified, ...(statement && { statement: statementFacts(statement) }) };
}

function verifyByKeys(signature: SigstoreSignature, asked: RequiredSigners): VerifiedSignature {
  const { keys, trust, thresholds } = asked;
  if (keys.length === 0) {
    throw new Refused('SIGNER_OTHER_KIND', 'expected another kind of signer, found a key');
  }
  // Without a trusted root, no log or timestamp authority is known: their proofs are ignored, and reported as not verified.
  const numbers = {
    logEntries: trust ? (thresholds.logEntries ?? 1) : 0,
    timestamps: trust ? (thresholds.timestamps ?? 0) : 0,
    certificateLogs: 0,
  };
  const bundle = trust ? lookedAt(signature.bundle, numbers.logEntries) : withoutProofs(signature.bundle);
  let last: unknown;
  for (const key of keys) {
    try {
      const entity = entityOf(bundle, signature.artifact);
      newVerifier(trustInKey(key, trust), numbers).verify(entity);
      return { signer: { kind: 'key', key: key.digest, file: key.file }, ...proofsOf(bundle, entity) };
    } catch (error) {
      last = error;
    }
  }
  throw refusalOf(last, undefined);
}

function verifyByCertificate(signature: SigstoreSignature, asked: RequiredSigners): VerifiedSignature {
  const { identities, trust, thresholds } = asked;
  if (identities.length === 0 || !trust) {
    throw new Refused(
      'SIGNER_OTHER_KIND',
      'expected another kind of signer, found a name that an authority vouches for',
    );
  }
  const numbers = {
    logEntries: thresholds.logEntries ?? 1,
    // A certificate lives for minutes: without a time of signing it proves nothing.
    timestamps: Math.max(1, thresholds.timestamps ?? 1),
    certificateLogs: thresholds.certificateLogs ?? 1,
  };
  const bundle = lookedAt(signature.bundle, numbers.logEntries);
  const entity = entityOf(bundle, signature.artifact);
  const material = asked.takesIntermediates ? withIntermediates(trust, certificatesIn(bundle)) : trust;
  if (entity.key.$case !== 'certificate') {
    throw new Refused('SIGNER_OTHER_KIND', 'expected a certificate, found none');
  }
  const looked = numbers.certificateLogs > 0 ? entity : withoutCertificateLogs(entity);
  const { certificate } = entity.key;
  let signer: Extract<Signer, { kind: 'certificate' }>;
  try {
    signer = certificateSigner(newVerifier(material, numbers).verify(looked), certificate);
  } catch (error) {
    throw refusalOf(error, entity);
  }
  requireStrong(certificate);
  requireIdentity(signer, identities);
  return { signer, ...proofsOf(bundle, entity) };
}

function requireStrong({ publicKey }: X509Certificate): void {
  const weak = weakKey(createPublicKey({ key: publicKey, format: 'der', type: 'spki' }));
  if (weak !== undefined)
    throw new Refused('CERTIFICATE_UNSUITABLE', `expected ${strongKeys}, found ${weak}`);
}

/** Refused: SIGNATURE_MALFORMED. */
function certificatesIn({ verificationMaterial: { content } }: Bundle): X509Certificate[] {
  if (content.$case !== 'x509CertificateChain') return [];
  const [, ...others] = content.x509CertificateChain.certificates;
  try {
    return others.map(({ rawBytes }) => X509Certificate.parse(Buffer.from(rawBytes)));
  } catch (error) {
    throw new Refused('SIGNATURE_MALFORMED', `certificate: ${(error as Error).message}`, error);
  }
}

interface Numbers {
  logEntries: number;
  timestamps: number;
  certificateLogs: number;
}

function newVerifier(trust: TrustMaterial, { logEntries, timestamps, certificateLogs }: Numbers): Verifier {
  return new Verifier(trust, {
    tlogThreshold: logEntries,
    timestampThreshold: timestamps,
    ctlogThreshold: certificateLogs,
  });
}

function trustInKey({ key }: TrustedKey, trust: TrustMaterial | undefined): TrustMaterial {
  const none = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
  return { ...(trust ?? none), publicKey: () => ({ publicKey: key, validFor: () => true }) };
}

function entityOf(bundle: Bundle, artifact: Buffer): SignedEntity {
  try {
    return toSignedEntity(bundle, artifact);
  } catch (error) {
    throw new Refused('SIGNATURE_MALFORMED', `bundle: ${(error as Error).message}`, error);
  }
}

/** If no log entries are required, the logs are left out, together with their times. */
function lookedAt(bundle: Bundle, logEntries: number): Bundle {
  if (logEntries > 0) return bundle;
  return { ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [] } };
}

function withoutProofs(bundle: Bundle): Bundle {
  const { content } = bundle.verificationMaterial;
  return {
    ...bundle,
    verificationMaterial: { content, tlogEntries: [], timestampVerificationData: undefined },
  };
}

/** Times and places in logs of an entity that was verified as a whole. */
function proofsOf(
  { verificationMaterial: { tlogEntries } }: Bundle,
  { timestamps }: SignedEntity,
): Pick<VerifiedSignature, 'times' | 'log'> {
  const times = timestamps.flatMap((stamp): ProvenTime[] => {
    if (stamp.$case === 'timestamp-authority') {
      return [{ at: stamp.timestamp.signingTime.toISOString(), by: 'timestamp-authority' }];
    }
    // Only a promise has the time of the log under its signature.
    const { inclusionPromise, integratedTime } = stamp.tlogEntry;
    if (!inclusionPromise) return [];
    return [{ at: new Date(Number(integratedTime) * 1000).toISOString(), by: 'log' }];
  });
  if (tlogEntries.length === 0) return { times };
  const log = tlogEntries.map(({ logIndex, logId }) => ({
    index: logIndex,
    id: logId?.keyId.toString('hex') ?? '',
  }));
  return { times, log };
}

const codes: Readonly<Record<string, RefusalCode>> = {
  TLOG_ERROR: 'LOG_ENTRY_MISSING',
  TLOG_INCLUSION_PROOF_ERROR: 'LOG_PROOF_WRONG',
  TLOG_INCLUSION_PROMISE_ERROR: 'LOG_PROOF_WRONG',
  TLOG_MISSING_INCLUSION_ERROR: 'LOG_PROOF_WRONG',
  TLOG_BODY_ERROR: 'LOG_ENTRY_OTHER',
  CERTIFICATE_ERROR: 'CERTIFICATE_UNTRUSTED',
  PUBLIC_KEY_ERROR: 'SIGNATURE_WRONG',
  SIGNATURE_ERROR: 'SIGNATURE_WRONG',
  TIMESTAMP_ERROR: 'TIME_WRONG',
};

/** The library's reason in our words. What it trips over is a stranger's bytes: malformed, whatever it throws. */
function refusalOf(error: unknown, entity: SignedEntity | undefined): Refused {
  if (error instanceof Refused) return error;
  if (!(error instanceof VerificationError)) {
    return new Refused('SIGNATURE_MALFORMED', `bundle: ${(error as Error).message}`, error);
  }
  return new Refused(codeOf(error, entity), error.message, error);
}

function codeOf({ code, message }: VerificationError, entity: SignedEntity | undefined): RefusalCode {
  if (code === 'TIMESTAMP_ERROR' && message.startsWith('expected')) return 'TIME_MISSING';
  if (code === 'CERTIFICATE_ERROR' && /\bSCTs?\b/.test(message)) return 'CERTIFICATE_NOT_LOGGED';
  if (code === 'CERTIFICATE_ERROR' && entity && isOutside(entity)) return 'CERTIFICATE_EXPIRED';
  return codes[code] ?? 'SIGNATURE_MALFORMED';
}

function isOutside({ key, timestamps }: SignedEntity): boolean {
  if (key.$case !== 'certificate') return false;
  const times = timestamps.map((stamp) =>
    stamp.$case === 'timestamp-authority'
      ? stamp.timestamp.signingTime
      : new Date(Number(stamp.tlogEntry.integratedTime) * 1000),
  );
  return times.some((time) => !key.certificate.validForDate(time));
}
