import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
  sign,
} from 'node:crypto';
import { initializeCA, initializeCTLog } from '@sigstore/mock/dist/fulcio/index.js';
import { initializeTLog } from '@sigstore/mock/dist/rekor/index.js';
import { initializeTSA } from '@sigstore/mock/dist/timestamp/index.js';

export type Json = { [name: string]: unknown };

/** Rekor's answer, as far as a bundle is made of it. */
interface RekorEntry {
  body: string;
  integratedTime: number;
  logID: string;
  logIndex: number;
  verification: {
    inclusionProof: {
      checkpoint: string;
      hashes: string[];
      logIndex: number;
      rootHash: string;
      treeSize: number;
    };
    signedEntryTimestamp: string;
  };
}

export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

export const usualIdentity = 'https://git.example/lab/app/.github/workflows/release.yml@refs/heads/main';
export const usualIssuer = 'https://token.git.example';

export interface SigningOptions {
  identity?: string;
  issuer?: string;
  /** When the certificate is issued. Default: now. */
  issued?: Date;
  /** When the log takes the entry. Default: now. */
  logged?: Date;
  /** A time of the timestamp authority beside that of the log. */
  stamped?: boolean;
}

/** A whole instance of Sigstore's in this process, by the Sigstore project's own mocks: authority, logs, timestamps. */
export async function newInstance() {
  const keys = {
    ca: ecKeys(),
    ct: ecKeys(),
    log: ecKeys(),
    tsa: ecKeys(),
  };
  const url = 'https://rekor.lab.example';
  const ctLog = await initializeCTLog(keys.ct);
  const tsa = await initializeTSA(keys.tsa);
  const root = await initializeCA(keys.ca, ctLog);
  const log = await initializeTLog(url, keys.log);
  const start = '2020-01-01T00:00:00Z';
  const trusted = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(url, log.publicKey, start)],
    certificateAuthorities: [
      {
        subject: { organization: 'lab', commonName: 'lab' },
        uri: 'https://fulcio.lab.example',
        certChain: { certificates: [{ rawBytes: base64(root.rootCertificate) }] },
        validFor: { start },
      },
    ],
    ctlogs: [logOf('https://ct.lab.example', ctLog.publicKey, start)],
    timestampAuthorities: [
      {
        subject: { organization: 'lab', commonName: 'lab' },
        uri: 'https://tsa.lab.example',
        certChain: {
          certificates: [tsa.intCertificate, tsa.rootCertificate].map((one) => ({ rawBytes: base64(one) })),
        },
        validFor: { start },
      },
    ],
  };

  async function issue({
    identity,
    issuer,
    issued,
  }: SigningOptions): Promise<{ der: Buffer; key: KeyObject }> {
    const { publicKey, privateKey } = ecKeys();
    const authority = issued ? await sameAuthority(issued) : root;
    const certificate = await authority.issueCertificate({
      publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
      subjectAltName: identity ?? usualIdentity,
      extensions: [
        { oid: '1.3.6.1.4.1.57264.1.8', value: issuer ?? usualIssuer },
        { oid: '1.3.6.1.4.1.57264.1.12', value: 'https://git.example/lab/app' },
        { oid: '1.3.6.1.4.1.57264.1.13', value: 'f'.repeat(40) },
        { oid: '1.3.6.1.4.1.57264.1.14', value: 'refs/heads/main' },
      ],
    });
    return { der: Buffer.from(base64(certificate), 'base64'), key: privateKey };
  }

  /** The authority's certificate is another one each time, by the same key and name. */
  async function sameAuthority(clock: Date) {
    return initializeCA(keys.ca, ctLog, clock);
  }

  async function entryOf(body: Json, logged: Date | undefined): Promise<Json> {
    const one = logged ? await initializeTLog(url, keys.log, logged) : log;
    const answer = (await one.log(body)) as Record<string, RekorEntry>;
    const { logIndex, logID, integratedTime, verification, body: taken } = Object.values(answer)[0]!;
    const { inclusionProof: proof, signedEntryTimestamp } = verification;
    return {
      logIndex: String(logIndex),
      logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
      kindVersion: { kind: body['kind'], version: body['apiVersion'] },
      integratedTime: String(integratedTime),
      inclusionPromise: { signedEntryTimestamp },
      inclusionProof: {
        logIndex: String(proof.logIndex),
        rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
        treeSize: String(proof.treeSize),
        hashes: proof.hashes,
        checkpoint: { envelope: proof.checkpoint },
      },
      canonicalizedBody: taken,
    };
  }

  async function stampOf(signature: Buffer): Promise<Json> {
    // The mock writes fractions of a second as the library does not read them.
    const second = new Date(Math.floor(Date.now() / 1000) * 1000);
    const stamp = await (await initializeTSA(keys.tsa, second)).timestamp({
      artifactHash: createHash('sha256').update(signature).digest(),
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      nonce: 1,
      policyOID: '1.2.3.4',
    });
    return { signedTimestamp: base64(stamp) };
  }

  async function material(
    certificate: Buffer,
    signature: Buffer,
    entry: Json,
    { logged, stamped }: SigningOptions,
  ): Promise<Json> {
    return {
      certificate: { rawBytes: certificate.toString('base64') },
      tlogEntries: [await entryOf(entry, logged)],
      ...(stamped && {
        timestampVerificationData: { rfc3161Timestamps: [await stampOf(signature)] },
      }),
    };
  }

  return {
    trustedRoot: JSON.stringify(trusted),
    trusted,

    /** A bundle with a plain signature of some bytes. */
    async signBytes(bytes: Buffer, options: SigningOptions = {}): Promise<Json> {
      const { der, key } = await issue(options);
      const signature = sign('sha256', bytes, key);
      const digest = createHash('sha256').update(bytes).digest();
      const entry = hashedRecord(digest, signature, certificatePem(der));
      return {
        mediaType: bundleType,
        verificationMaterial: await material(der, signature, entry, options),
        messageSignature: {
          messageDigest: { algorithm: 'SHA2_256', digest: digest.toString('base64') },
          signature: signature.toString('base64'),
        },
      };
    },

    /** A bundle with a signed statement. */
    async signStatement(statement: Json, options: SigningOptions = {}): Promise<Json> {
      const { der, key } = await issue(options);
      const payload = Buffer.from(JSON.stringify(statement));
      const signature = sign('sha256', preAuthentication(payload), key);
      const entry = {
        apiVersion: '0.0.1',
        kind: 'dsse',
        spec: {
          envelopeHash: { algorithm: 'sha256', value: hexDigest(payload) },
          payloadHash: { algorithm: 'sha256', value: hexDigest(payload) },
          signatures: [
            {
              signature: signature.toString('base64'),
              verifier: Buffer.from(certificatePem(der)).toString('base64'),
            },
          ],
        },
      };
      return {
        mediaType: bundleType,
        verificationMaterial: await material(der, signature, entry, options),
        dsseEnvelope: envelope(payload, signature),
      };
    },

    /** The annotations of cosign 2 on a payload that it signs without a key. */
    async legacyAnnotations(payload: Buffer, options: SigningOptions = {}): Promise<Record<string, string>> {
      const { der, key } = await issue(options);
      const signature = sign('sha256', payload, key);
      const digest = createHash('sha256').update(payload).digest();
      const entry = hashedRecord(digest, signature, certificatePem(der));
      const { logIndex, logId, integratedTime, inclusionPromise, canonicalizedBody } = (await entryOf(
        entry,
        options.logged,
      )) as Record<string, string> & {
        logId: { keyId: string };
        inclusionPromise: { signedEntryTimestamp: string };
      };
      return {
        'dev.cosignproject.cosign/signature': signature.toString('base64'),
        'dev.sigstore.cosign/certificate': certificatePem(der),
        'dev.sigstore.cosign/bundle': JSON.stringify({
          SignedEntryTimestamp: inclusionPromise.signedEntryTimestamp,
          Payload: {
            body: canonicalizedBody,
            integratedTime: Number(integratedTime),
            logIndex: Number(logIndex),
            logID: Buffer.from(logId.keyId, 'base64').toString('hex'),
          },
        }),
      };
    },
  };
}

export type SigstoreInstance = Awaited<ReturnType<typeof newInstance>>;

/** The statement that cosign 3 signs, or an attestation of another type, about a digest. */
export function statementOf(digest: string, predicateType = 'https://sigstore.dev/cosign/sign/v1'): Json {
  const [algorithm = '', hex] = digest.split(':');
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'registry.example/lab/app', digest: { [algorithm]: hex } }],
    predicateType,
    predicate: {},
  };
}

/** A bundle with a statement that a key signs, without any log. */
export function signByKey(statement: Json, key: KeyObject): Json {
  const payload = Buffer.from(JSON.stringify(statement));
  return {
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: 'a key' } },
    dsseEnvelope: envelope(
      payload,
      sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', preAuthentication(payload), key),
    ),
  };
}

export function ecKeys(): KeyPairKeyObjectResult {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

export function publicPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function envelope(payload: Buffer, signature: Buffer): Json {
  return {
    payloadType: 'application/vnd.in-toto+json',
    payload: payload.toString('base64'),
    signatures: [{ sig: signature.toString('base64') }],
  };
}

function preAuthentication(payload: Buffer): Buffer {
  const type = 'application/vnd.in-toto+json';
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
}

function hashedRecord(digest: Buffer, signature: Buffer, certificate: string): Json {
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: digest.toString('hex') } },
      signature: {
        content: signature.toString('base64'),
        publicKey: { content: Buffer.from(certificate).toString('base64') },
      },
    },
  };
}

function logOf(baseUrl: string, publicKey: Buffer, start: string): Json {
  return {
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: publicKey.toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start },
    },
    logId: { keyId: createHash('sha256').update(publicKey).digest('base64') },
  };
}

function certificatePem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function hexDigest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function base64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
