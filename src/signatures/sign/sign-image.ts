import { digestOf } from '../../registry/digest.ts';
import { bundleMediaType, signaturePredicate, statementType } from '../sigstore/names.ts';
import type { CosignSigner } from './cosign-key.ts';

const payloadType = 'application/vnd.in-toto+json';

/** The bundle that cosign 3 attaches to an image that it signs: a statement about its digest, without a log. */
export function signatureBundle(digest: string, signer: CosignSigner): Buffer {
  const [algorithm = '', hex = ''] = digest.split(':');
  const payload = Buffer.from(
    JSON.stringify({
      _type: statementType,
      subject: [{ digest: { [algorithm]: hex } }],
      predicateType: signaturePredicate,
      predicate: {},
    }),
  );
  // https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
    payload,
  ]);
  return Buffer.from(
    JSON.stringify({
      mediaType: bundleMediaType,
      verificationMaterial: { publicKey: { hint: signer.hint } },
      dsseEnvelope: {
        payload: payload.toString('base64'),
        payloadType,
        signatures: [{ sig: signer.sign(signed).toString('base64') }],
      },
    }),
  );
}

/** The content of cosign 1's and 2's tag `.sig`: a payload that names the repository and the digest, and its signature. */
export interface LegacySignature {
  payload: Buffer;
  digest: string;
  signature: string;
}

export function legacySignature(repository: string, digest: string, signer: CosignSigner): LegacySignature {
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': repository },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
  return { payload, digest: digestOf(payload), signature: signer.sign(payload).toString('base64') };
}
