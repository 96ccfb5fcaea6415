import { createHash } from 'node:crypto';
import {
  BUNDLE_V01_MEDIA_TYPE,
  BUNDLE_V02_MEDIA_TYPE,
  BUNDLE_V03_LEGACY_MEDIA_TYPE,
  BUNDLE_V03_MEDIA_TYPE,
  type Bundle,
  bundleFromJSON,
  ValidationError,
} from '@sigstore/bundle';
import { HashAlgorithm } from '@sigstore/protobuf-specs';
import { isObject, type JsonObject } from '../../image/manifest/bounded-json.ts';
import type { SignedSubject } from '../../model/verdict/index.ts';
import { base64Bytes, readObject, shown } from '../bounded-document.ts';
import { signatureLimits } from '../limits.ts';
import { Refused } from '../refused.ts';
import { requireSigned } from '../require-signed.ts';
import type { SigstoreSignature } from './signature.ts';
import { readStatement } from './statement.ts';

const versions = [
  BUNDLE_V01_MEDIA_TYPE,
  BUNDLE_V02_MEDIA_TYPE,
  BUNDLE_V03_LEGACY_MEDIA_TYPE,
  BUNDLE_V03_MEDIA_TYPE,
];

/** Hashes of an inclusion proof: a log of 2^63 entries needs no more. */
const maxProofHashes = 64;

const algorithms = new Map<HashAlgorithm, string>([
  [HashAlgorithm.HASH_ALGORITHM_UNSPECIFIED, 'sha256'],
  [HashAlgorithm.SHA2_256, 'sha256'],
  [HashAlgorithm.SHA2_384, 'sha384'],
  [HashAlgorithm.SHA2_512, 'sha512'],
]);

/** A thing that can be signed, and its bytes. */
export interface SignedBytes extends SignedSubject {
  bytes: Buffer;
}

/** A Sigstore bundle that was found at an index or manifest. Refused: what it is not, and what it does not sign. */
export function readBundle(bytes: Buffer, at: SignedBytes, image: readonly SignedBytes[]): SigstoreSignature {
  const document = readObject(bytes, 'bundle');
  const { mediaType } = document;
  if (typeof mediaType !== 'string' || !versions.includes(mediaType)) {
    throw new Refused('SIGNATURE_FORM_UNKNOWN', `expected a bundle 0.1 to 0.3, found ${shown(mediaType)}`);
  }
  const bundle = toBundle(document);
  if (bundle.content.$case === 'dsseEnvelope') {
    const { payloadType, payload } = bundle.content.dsseEnvelope;
    const statement = readStatement(payloadType, payload);
    const found = [...statement.digests].slice(0, 3).join(', ') || 'nothing';
    requireSigned((digest) => statement.digests.has(digest), at, image, found);
    return { bundle, artifact: at.bytes, statement };
  }
  requireMessage(bundle.content.messageSignature.messageDigest, at, image);
  return { bundle, artifact: at.bytes };
}

/** The library's form of a bundle, of which a stranger's may not have too much. */
export function toBundle(document: JsonObject): Bundle {
  requireBase64(document);
  requireWholeBytes(document);
  let bundle: Bundle;
  try {
    bundle = bundleFromJSON(document);
  } catch (error) {
    const fields = error instanceof ValidationError ? `: ${error.fields.slice(0, 5).join(', ')}` : '';
    throw new Refused(
      'SIGNATURE_MALFORMED',
      `bundle: expected every part of it, found faults${fields}`,
      error,
    );
  }
  requireFew(bundle);
  requireSameRoot(bundle);
  requireDistinctEntries(bundle);
  return bundle;
}

function requireBase64({ messageSignature, dsseEnvelope }: JsonObject): void {
  if (isObject(messageSignature)) base64Bytes(messageSignature['signature'], 'bundle, signature');
  if (!isObject(dsseEnvelope)) return;
  base64Bytes(dsseEnvelope['payload'], 'bundle, payload');
  const { signatures } = dsseEnvelope;
  for (const one of Array.isArray(signatures) ? signatures.slice(0, 2) : []) {
    if (isObject(one)) base64Bytes(one['sig'], 'bundle, signature');
  }
}

/** Members of a bundle that are bytes in base64. */
const byteMembers: ReadonlySet<string> = new Set([
  'rawBytes',
  'keyId',
  'digest',
  'rootHash',
  'hashes',
  'canonicalizedBody',
  'signedEntryTimestamp',
  'signedTimestamp',
]);

/** The library's decoder ends at the first padding, and passes over what is no base64. */
function requireWholeBytes(value: unknown, name = ''): void {
  if (typeof value === 'string') {
    if (value !== '' && byteMembers.has(name)) base64Bytes(value, `bundle, ${name}`);
  } else if (Array.isArray(value)) for (const each of value) requireWholeBytes(each, name);
  else if (isObject(value))
    for (const [each, inside] of Object.entries(value)) requireWholeBytes(inside, each);
}

function requireFew({
  verificationMaterial: { content, tlogEntries, timestampVerificationData },
}: Bundle): void {
  const certificates =
    content.$case === 'x509CertificateChain'
      ? content.x509CertificateChain.certificates
      : content.$case === 'certificate'
        ? [content.certificate]
        : [];
  const stamps = timestampVerificationData?.rfc3161Timestamps ?? [];
  const hashes = tlogEntries.map(({ inclusionProof }) => inclusionProof?.hashes.length ?? 0);
  const bounds: [string, number, number][] = [
    ['certificates', certificates.length, signatureLimits.proofs],
    ['log entries', tlogEntries.length, signatureLimits.proofs],
    ['timestamps', stamps.length, signatureLimits.proofs],
    ['hashes of a proof', Math.max(0, ...hashes), maxProofHashes],
    [
      'bytes of a certificate',
      Math.max(0, ...certificates.map(({ rawBytes }) => rawBytes.length)),
      signatureLimits.certificateBytes,
    ],
    [
      'bytes of a timestamp',
      Math.max(0, ...stamps.map(({ signedTimestamp }) => signedTimestamp.length)),
      signatureLimits.certificateBytes,
    ],
  ];
  const broken = bounds.find(([, found, allowed]) => found > allowed);
  if (!broken) return;
  const [what, found, allowed] = broken;
  throw new Refused('SIGNATURE_TOO_LARGE', `expected at most ${allowed} ${what}, found ${found}`);
}

/** A signed note: lines, an empty one, and a line for each signature. */
const checkpointForm = /^(?:[^\n]+\n)+\n(?:\u2014 [^ \n]+ [A-Za-z0-9+/]+={0,2}\n)+$/;

/** The tree's root stands in a proof twice: only that of the checkpoint is signed, and the library looks at no other. */
function requireSameRoot({ verificationMaterial: { tlogEntries } }: Bundle): void {
  for (const { inclusionProof } of tlogEntries) {
    if (!inclusionProof?.checkpoint) continue;
    const [, size, root] = inclusionProof.checkpoint.envelope.split('\n');
    if (!checkpointForm.test(inclusionProof.checkpoint.envelope))
      throw new Refused('LOG_PROOF_WRONG', 'expected a checkpoint and its signatures, found other text');
    const stated = inclusionProof.rootHash.toString('base64');
    if (root === stated && size === inclusionProof.treeSize) continue;
    throw new Refused(
      'LOG_PROOF_WRONG',
      `expected the tree of the checkpoint, found another: ${shown(inclusionProof.treeSize)} ${stated}`,
    );
  }
}

/** One entry given twice must not count twice towards a threshold. */
function requireDistinctEntries({ verificationMaterial: { tlogEntries } }: Bundle): void {
  const names = tlogEntries.map(({ logId, canonicalizedBody }) =>
    [logId?.keyId.toString('hex'), canonicalizedBody.toString('hex')].join(' '),
  );
  if (new Set(names).size === names.length) return;
  throw new Refused('LOG_ENTRY_TWICE', `expected ${names.length} entries of logs, found one of them twice`);
}

/** The digest in a bundle is a hint of its maker's: ours of the manifest's own bytes is what counts. */
function requireMessage(
  { algorithm, digest }: { algorithm: HashAlgorithm; digest: Buffer },
  at: SignedBytes,
  image: readonly SignedBytes[],
): void {
  const name = algorithms.get(algorithm);
  if (name === undefined) {
    throw new Refused(
      'SIGNATURE_FORM_UNKNOWN',
      'expected a digest by SHA-256, SHA-384 or SHA-512, found another',
    );
  }
  const own = (wanted: string) => image.find((subject) => subject.digest === wanted)?.bytes ?? at.bytes;
  const signs = (wanted: string) => createHash(name).update(own(wanted)).digest().equals(digest);
  requireSigned(signs, at, image, `${name}:${digest.toString('hex')}`);
}
