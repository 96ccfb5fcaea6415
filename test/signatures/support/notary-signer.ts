import { type KeyPairKeyObjectResult, sign } from 'node:crypto';
import { initializeCA } from '@sigstore/mock/dist/fulcio/index.js';
import type { TrustedCertificate } from '../../../src/signatures/asked.ts';
import { readTrustedCertificates } from '../../../src/signatures/trusted-certificates.ts';
import { ecKeys, type Json } from './sigstore-instance.ts';

export const envelopeTypes = { jws: 'application/jose+json', cose: 'application/cose' } as const;

export interface NotarySigning {
  form?: keyof typeof envelopeTypes;
  /** Attributes beside or in place of those of a signer's envelope. */
  attributes?: Json;
  /** Signed members, beside or in place of its digest, size and type. */
  target?: Json;
  /** Certificates in place of the leaf and its root. */
  chain?: (leaf: Buffer, root: Buffer) => Buffer[];
  /** Who signs. Default: a new key, for which a certificate is issued. */
  keys?: KeyPairKeyObjectResult;
  /** When the certificate was issued. Default: now. */
  issued?: Date;
  /** A timestamp over the signature. */
  stamp?: (signature: Buffer) => Promise<Buffer>;
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
      const signer = options.keys ?? ecKeys();
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
      const make = form === 'jws' ? jws : cose;
      return make(payload, attributes, {
        certificates,
        signature,
        ...(options.stamp && { stamp: options.stamp }),
      });
    },
  };
}

export type NotarySigner = Awaited<ReturnType<typeof newSigner>>;

type Sign = (bytes: Buffer) => Buffer;

interface Signer {
  certificates: Buffer[];
  signature: Sign;
  stamp?: (signature: Buffer) => Promise<Buffer>;
}

const timestampName = 'io.cncf.notary.timestampSignature';

async function jws(payload: Buffer, attributes: Json, signer: Signer): Promise<Buffer> {
  const header = {
    alg: 'ES256',
    cty: 'application/vnd.cncf.notary.payload.v1+json',
    crit: [scheme],
    [scheme]: 'notary.x509',
    ...attributes,
  };
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
  const signature = signer.signature(Buffer.from(`${encoded}.${payload.toString('base64url')}`));
  const token = await signer.stamp?.(signature);
  return Buffer.from(
    JSON.stringify({
      payload: payload.toString('base64url'),
      protected: encoded,
      header: {
        x5c: signer.certificates.map((one) => one.toString('base64')),
        ...(token && { [timestampName]: token.toString('base64') }),
      },
      signature: signature.toString('base64url'),
    }),
  );
}

async function cose(payload: Buffer, attributes: Json, signer: Signer): Promise<Buffer> {
  const header = cbor(
    new Map<unknown, unknown>([
      [1, -7],
      [2, [scheme]],
      [3, 'application/vnd.cncf.notary.payload.v1+json'],
      [scheme, 'notary.x509'],
      ...Object.entries(attributes),
    ]),
  );
  const signature = signer.signature(cbor(['Signature1', header, Buffer.alloc(0), payload]));
  const beside = new Map<unknown, unknown>([[33, signer.certificates]]);
  const token = await signer.stamp?.(signature);
  if (token) beside.set(timestampName, token);
  return Buffer.concat([Buffer.from([0xd2]), cbor([header, beside, payload, signature])]);
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
