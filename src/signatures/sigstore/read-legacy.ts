import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../../image/manifest/bounded-json.ts';
import { base64Bytes, readObject, shown } from '../bounded-document.ts';
import { Refused } from '../refused.ts';
import { requireSigned } from '../require-signed.ts';
import { type SignedBytes, toBundle } from './read-bundle.ts';
import type { SigstoreSignature } from './signature.ts';
import { readStatement } from './statement.ts';

/** A layer of cosign 1's and 2's manifests: its bytes, and what stands in its annotations. */
export interface LegacyLayer {
  bytes: Buffer;
  annotations: Readonly<Record<string, string>>;
}

const names = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  log: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const;

/** The oldest form of bundle has all that the annotations have: no proof that an entry is in the log but its promise. */
const mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1';

const signatureType = 'cosign container image signature';

/** A signature under the tag `sha256-HEX.sig`: its payload names the image. */
export function readLegacySignature(
  { bytes, annotations }: LegacyLayer,
  at: SignedBytes,
  image: readonly SignedBytes[],
): SigstoreSignature {
  const { critical } = readObject(bytes, 'payload');
  const { type, image: named, identity } = isObject(critical) ? critical : {};
  if (type !== signatureType) {
    throw new Refused('SIGNATURE_FORM_UNKNOWN', `expected "${signatureType}", found ${shown(type)}`);
  }
  const digest = isObject(named) ? named['docker-manifest-digest'] : undefined;
  requireSigned((wanted) => digest === wanted, at, image, shown(digest));
  base64Bytes(annotations[names.signature], names.signature);
  const bundle = toBundle({
    mediaType,
    verificationMaterial: material(annotations),
    messageSignature: {
      messageDigest: {
        algorithm: 'SHA2_256',
        digest: createHash('sha256').update(bytes).digest('base64'),
      },
      signature: annotations[names.signature],
    },
  });
  const name = isObject(identity) ? identity['docker-reference'] : undefined;
  return { bundle, artifact: bytes, ...(typeof name === 'string' && name !== '' && { name }) };
}

/** An attestation under the tag `sha256-HEX.att`: an envelope whose statement names the image. */
export function readLegacyAttestation(
  { bytes, annotations }: LegacyLayer,
  at: SignedBytes,
  image: readonly SignedBytes[],
): SigstoreSignature {
  const dsseEnvelope = readObject(bytes, 'envelope');
  const bundle = toBundle({ mediaType, verificationMaterial: material(annotations), dsseEnvelope });
  if (bundle.content.$case !== 'dsseEnvelope') {
    throw new Refused('SIGNATURE_MALFORMED', 'expected an envelope, found none');
  }
  const { payloadType, payload } = bundle.content.dsseEnvelope;
  const statement = readStatement(payloadType, payload);
  const found = [...statement.digests].slice(0, 3).join(', ') || 'nothing';
  requireSigned((digest) => statement.digests.has(digest), at, image, found);
  return { bundle, artifact: bytes, statement };
}

function material(annotations: LegacyLayer['annotations']): JsonObject {
  const certificate = annotations[names.certificate];
  const log = annotations[names.log];
  const timestamp = annotations[names.timestamp];
  return {
    ...(certificate === undefined
      ? { publicKey: { hint: '' } }
      : {
          x509CertificateChain: {
            certificates: certificatesOf(`${certificate}\n${annotations[names.chain] ?? ''}`),
          },
        }),
    tlogEntries: log === undefined ? [] : [logEntry(log)],
    ...(timestamp !== undefined && {
      timestampVerificationData: { rfc3161Timestamps: [signedTimestamp(timestamp)] },
    }),
  };
}

function certificatesOf(pem: string): JsonObject[] {
  const found = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  if (found.length === 0) {
    throw new Refused(
      'SIGNATURE_MALFORMED',
      `${names.certificate}: expected a certificate, found other text`,
    );
  }
  return found.map(([, base64 = '']) => ({ rawBytes: base64.replace(/\s/g, '') }));
}

/** Rekor's answer as cosign keeps it, in the words of a bundle. */
function logEntry(text: string): JsonObject {
  const { SignedEntryTimestamp: promise, Payload: payload } = readObject(Buffer.from(text), names.log);
  const { body, integratedTime, logIndex, logID } = isObject(payload) ? payload : {};
  const { kind, apiVersion } = readObject(base64Bytes(body, `${names.log}, body`), `${names.log}, body`);
  if (typeof logID !== 'string' || !/^[0-9a-f]{64}$/.test(logID)) {
    throw new Refused('SIGNATURE_MALFORMED', `${names.log}: expected the id of a log, found ${shown(logID)}`);
  }
  return {
    logIndex: shown(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind, version: apiVersion },
    integratedTime: shown(integratedTime),
    inclusionPromise: { signedEntryTimestamp: promise },
    canonicalizedBody: body,
  };
}

function signedTimestamp(text: string): JsonObject {
  const { SignedRFC3161Timestamp: signed } = readObject(Buffer.from(text), names.timestamp);
  return { signedTimestamp: signed };
}
