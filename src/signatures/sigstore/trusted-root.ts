import { createPublicKey } from 'node:crypto';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { isObject } from '../../image/manifest/bounded-json.ts';
import { strongKeys, weakKey } from '../../io/digest.ts';
import { JsonNameError, parseForeignJson } from '../../io/foreign-json.ts';
import { shown } from '../bounded-document.ts';
import { invalidTrust } from '../trusted-file.ts';

const invalid = invalidTrust('specify the trusted_root.json of the Sigstore project or of your own instance');

/** Authorities and logs from a `trusted_root.json`. Errors: TRUST_ROOT_INVALID. */
export function readTrustedRoot(text: string, file: string): TrustMaterial {
  let document: unknown;
  try {
    document = parseForeignJson(text, { uniqueNames: true });
  } catch (cause) {
    const found = cause instanceof JsonNameError ? cause.message : 'expected JSON, found other text';
    throw invalid(found, file, cause);
  }
  const mediaType = isObject(document) ? document['mediaType'] : undefined;
  if (typeof mediaType !== 'string' || !mediaType.startsWith('application/vnd.dev.sigstore.trustedroot')) {
    throw invalid(`expected a trusted root of Sigstore, found ${shown(mediaType)}`, file);
  }
  try {
    const root = TrustedRoot.fromJSON(document);
    requireStarts(root);
    const trust = toTrustMaterial(root);
    requireStrong(trust);
    return trust;
  } catch (cause) {
    throw invalid(`expected a whole trusted root: ${(cause as Error).message}`, file, cause);
  }
}

/** The library takes a log without a beginning for one that always was. */
function requireStarts({ tlogs, ctlogs }: TrustedRoot): void {
  const isOpen = [...tlogs, ...ctlogs].some(({ publicKey }) => publicKey?.validFor?.start === undefined);
  if (isOpen) throw new Error('a log has no beginning (publicKey.validFor.start)');
}

/** Of logs and authorities. */
function requireStrong(trust: TrustMaterial): void {
  const { tlogs, ctlogs, certificateAuthorities, timestampAuthorities } = trust;
  const certificates = [...certificateAuthorities, ...timestampAuthorities].flatMap(
    ({ certChain }) => certChain,
  );
  const keys = [
    ...[...tlogs, ...ctlogs].map(({ publicKey }) => publicKey),
    ...certificates.map(({ publicKey }) => createPublicKey({ key: publicKey, format: 'der', type: 'spki' })),
  ];
  const weak = keys.map(weakKey).find((one) => one !== undefined);
  if (weak !== undefined) throw new Error(`expected ${strongKeys}, found ${weak}`);
}
