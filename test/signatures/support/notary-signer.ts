import { sign } from 'node:crypto';
import { initializeCA } from '@sigstore/mock/dist/fulcio/index.js';
import type { TrustedCertificate } from '../../../src/signatures/asked.ts';
import { readTrustedCertificates } from '../../../src/signatures/trusted-certificates.ts';
import { ecKeys, type Json } from './sigstore-instance.ts';

export const envelopeTypes = { jws: 'application/jose+json', cose: 'application/cose' } as const;

export interface NotarySigning {
  form?: keyof typeof envelopeTypes;
  /** Attributes beside or in place of those of a signer's envelope. */
  attributes?: Json;
  /** What is signed, beside or in place of its digest, size and type. */
  target?: Json;
  /** Certificates in place of the leaf and its root. */
  chain?: (leaf: Buffer, root: Buffer) => Buffer[];
  /** When the certificate was issued. Default: now. */
  issued?: Date;
}

const scheme = 'io.cncf.notary.signingScheme';

/** An authority and a signer below it, as the Notary Project knows them. */
export async function newSigner() {
  const keys = ecKeys();
  const authority = await initializeCA(keys);
  const root = Buffer.from(bytesOf(authority.rootCertificate));

  return {
    trusted(use: TrustedCertificate['use'] = 'signer'): TrustedCertificate[] {
      return readTrustedCertificates(root, 'root.crt', use);
    },

    async sign(manifest: { digest: string; bytes: Buffer }, options: NotarySigning = {}): Promise<Buffer> {
      const { form = 'jws', attributes = {}, target = {}, chain = (leaf, top) => [leaf, top] } = options;
      const signer = ecKeys();
      const issuer = options.issued ? await initializeCA(keys, undefined, options.issued) : authority;
      const leaf = await issuer.issueCertificate({
        publicKey: new Uint8Array(signer.publicKey.export({ type: 'spki', format: 'der' })),
        subjectAltName: 'https://signer.example',
      });
      const certificates = chain(
        Buffer.from(bytesOf(leaf)),
        options.issued ? Buffer.from(bytesOf(issuer.rootCertificate)) : root,
      );
      const payload = Buffer.from(
        JSON.stringify({
          targetArtifact: {
            mediaType: (JSON.parse(manifest.bytes.toString('utf8')) as Json)['mediaType'],
            digest: manifest.digest,
            size: manifest.bytes.length,
            ...target,
          },
        }),
      );
      const signature = (bytes: Buffer) =>
        sign('sha256', bytes, { key: signer.privateKey, dsaEncoding: 'ieee-p1363' });
      return form === 'jws'
        ? jws(payload, attributes, certificates, signature)
        : cose(payload, attributes, certificates, signature);
    },
  };
}

export type NotarySigner = Awaited<ReturnType<typeof newSigner>>;

type Sign = (bytes: Buffer) => Buffer;

function jws(payload: Buffer, attributes: Json, certificates: Buffer[], signature: Sign): Buffer {
  const header = {
    alg: 'ES256',
    cty: 'application/vnd.cncf.notary.payload.v1+json',
    crit: [scheme],
    [scheme]: 'notary.x509',
    ...attributes,
  };
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
  const signed = `${encoded}.${payload.toString('base64url')}`;
  return Buffer.from(
    JSON.stringify({
      payload: payload.toString('base64url'),
      protected: encoded,
      header: { x5c: certificates.map((one) => one.toString('base64')) },
      signature: signature(Buffer.from(signed)).toString('base64url'),
    }),
  );
}

function cose(payload: Buffer, attributes: Json, certificates: Buffer[], signature: Sign): Buffer {
  const header = cbor(
    new Map<unknown, unknown>([
      [1, -7],
      [2, [scheme]],
      [3, 'application/vnd.cncf.notary.payload.v1+json'],
      [scheme, 'notary.x509'],
      ...Object.entries(attributes),
    ]),
  );
  const signed = cbor(['Signature1', header, Buffer.alloc(0), payload]);
  const parts = cbor([header, new Map([[33, certificates]]), payload, signature(signed)]);
  return Buffer.concat([Buffer.from([0xd2]), parts]);
}

/** RFC 8949, as much of it as headers need. */
export function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  if (value instanceof Map) {
    return Buffer.concat([
      head(5, value.size),
      ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)]),
    ]);
  }
  throw new Error(`no CBOR for ${String(value)}`);
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument]);
  if (argument < 256) return Buffer.from([(major << 5) | 24, argument]);
  return Buffer.from([(major << 5) | 25, argument >> 8, argument & 255]);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
