import { createHash, verify, X509Certificate } from 'node:crypto';
import { ASN1Obj, X509Certificate as Extensions } from '@sigstore/core';
import { strongKeys, weakKey } from '../../io/digest.ts';
import type { TrustedCertificate } from '../asked.ts';
import { nameOf } from '../certificate-name.ts';
import { signatureLimits } from '../limits.ts';
import { Refused } from '../refused.ts';
import { derElement } from './der.ts';

const oids = {
  signedData: '1.2.840.113549.1.7.2',
  timestampInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  extendedKeyUsage: '2.5.29.37',
  timeStamping: '1.3.6.1.5.5.7.3.8',
} as const;

const digests = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/** Signature algorithms, with their own digest or with that of the signer's info. */
const signatureDigests = new Map<string, string | undefined>([
  ['1.2.840.113549.1.1.1', undefined],
  ['1.2.840.10045.2.1', undefined],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
]);

/** Certificates between a timestamp authority and its root. */
const maxChain = 8;

/** When something was signed, as its authority knows it. */
export interface StampedTime {
  at: Date;
  earliest: Date;
  latest: Date;
}

/**
 * The time in a token of RFC 3161 over some bytes, by an authority below one of the roots. Refused: TIME_WRONG, whatever is
 * wrong with it.
 */
export function verifyTimestamp(
  token: Buffer,
  stamped: Buffer,
  roots: readonly TrustedCertificate[],
): StampedTime {
  if (token.length > signatureLimits.certificateBytes) {
    throw new Refused('SIGNATURE_TOO_LARGE', `expected a small timestamp, found ${token.length} bytes`);
  }
  try {
    const { content, certificates, signer } = readToken(token);
    const time = readInfo(content, stamped);
    const own = signingCertificate(signer, certificates);
    verifySigner(signer, own, content);
    requireTimestampAuthority(own);
    requireTrusted(own, certificates, roots, time.at);
    return time;
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw wrong((error as Error).message, error);
  }
}

interface Token {
  /** The bytes of the TSTInfo. */
  content: Buffer;
  certificates: readonly X509Certificate[];
  signer: SignerInfo;
}

interface SignerInfo {
  issuerAndSerial: ASN1Obj;
  digest: string;
  attributes: ASN1Obj;
  algorithm: string;
  signature: Buffer;
}

/** ContentInfo with SignedData (RFC 5652, section 5) of one signer. */
function readToken(token: Buffer): Token {
  const [type, wrapped] = ASN1Obj.parseBuffer(Buffer.from(token)).subs;
  if (type?.toOID() !== oids.signedData) throw wrong('expected signed data, found another type');
  const [, , encapsulated, ...rest] = wrapped!.subs[0]!.subs;
  const [contentType, contentPart] = encapsulated!.subs;
  if (contentType?.toOID() !== oids.timestampInfo) throw wrong('expected a timestamp, found another type');
  const certificateSet = rest.find(({ tag }) => tag.isContextSpecific(0));
  const [info, ...others] = rest.at(-1)!.subs;
  if (!info || others.length > 0) throw wrong(`expected one signer, found ${info ? others.length + 1 : 0}`);
  const certificates = (certificateSet?.subs ?? []).map((one) => new X509Certificate(one.toDER()));
  if (certificates.length > signatureLimits.proofs) throw wrong('expected few certificates, found many');
  return { content: contentPart!.subs[0]!.value, certificates, signer: readSigner(info) };
}

function readSigner({ subs }: ASN1Obj): SignerInfo {
  const [, issuerAndSerial, digestAlgorithm, attributes, algorithm, signature] = subs;
  const digest = digests.get(digestAlgorithm!.subs[0]!.toOID());
  if (digest === undefined) throw wrong('expected a digest of SHA-2, found another');
  if (!attributes?.tag.isContextSpecific(0)) throw wrong('expected signed attributes, found none');
  return {
    issuerAndSerial: issuerAndSerial!,
    digest,
    attributes,
    algorithm: algorithm!.subs[0]!.toOID(),
    signature: signature!.value,
  };
}

/** TSTInfo (RFC 3161, section 2.4.2): what was stamped, and when. */
function readInfo(content: Buffer, stamped: Buffer): StampedTime {
  const [, , imprint, , time, ...optional] = ASN1Obj.parseBuffer(Buffer.from(content)).subs;
  const [algorithm, hashed] = imprint!.subs;
  const digest = digests.get(algorithm!.subs[0]!.toOID());
  if (digest === undefined) throw wrong('expected a digest of SHA-2, found another');
  if (!createHash(digest).update(stamped).digest().equals(hashed!.value)) {
    throw wrong('expected a timestamp of this signature, found one of other bytes');
  }
  const at = readTime(time!.value.toString('latin1'));
  // Accuracy is the only SEQUENCE that may follow.
  const apart = milliseconds(optional.find(({ tag }) => tag.toDER() === 0x30));
  return { at, earliest: new Date(at.getTime() - apart), latest: new Date(at.getTime() + apart) };
}

/** `Accuracy`: seconds, and thousandths [0] and millionths [1] of one; without it, a second. */
function milliseconds(accuracy: ASN1Obj | undefined): number {
  if (!accuracy) return 1000;
  const seconds = accuracy.subs.find(({ tag }) => tag.isInteger());
  const [millis, micros] = [0, 1].map((tag) => accuracy.subs.find((one) => one.tag.isContextSpecific(tag)));
  const numberOf = (one: ASN1Obj | undefined) => Number(`0x${one?.value.toString('hex') || '0'}`);
  const total = numberOf(seconds) * 1000 + numberOf(millis) + Math.ceil(numberOf(micros) / 1000);
  if (total <= 86_400_000) return total;
  throw wrong('expected an accuracy below a day, found more');
}

/** GeneralizedTime, with fractions of a second or not. */
function readTime(text: string): Date {
  const [, year, month, day, hour, minute, second, fraction = ''] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(text) ?? [];
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`);
  if (Number.isNaN(time.getTime())) throw wrong('expected a time, found other text');
  return time;
}

/** The certificate that the attributes are bound to (RFC 5816), which must be the one that the signer names. */
function signingCertificate(
  { issuerAndSerial, attributes }: SignerInfo,
  certificates: readonly X509Certificate[],
): X509Certificate {
  const [issuer, serial] = issuerAndSerial.subs;
  const own = certificates.find(({ raw }) => {
    const parsed = Extensions.parse(Buffer.from(raw));
    return parsed.serialNumber.equals(serial!.value) && parsed.issuer.equals(issuer!.value);
  });
  if (!own) throw wrong('expected the certificate of the authority, found none');
  const bound =
    attributeOf(attributes, oids.signingCertificateV2) ?? attributeOf(attributes, oids.signingCertificate);
  const [identifier] = bound?.subs[0]?.subs ?? [];
  const hash = identifier?.subs.find(({ tag }) => tag.isOctetString())?.value;
  const named = identifier?.subs[0]?.subs[0];
  const algorithm = attributeOf(attributes, oids.signingCertificateV2)
    ? named?.tag.isOID()
      ? digests.get(named.toOID())
      : 'sha256'
    : 'sha1';
  if (!hash || algorithm === undefined) throw wrong('expected the digest of a certificate, found none');
  if (createHash(algorithm).update(own.raw).digest().equals(hash)) return own;
  throw wrong("expected the digest of the authority's certificate, found another");
}

function verifySigner(
  { digest, attributes, algorithm, signature }: SignerInfo,
  own: X509Certificate,
  content: Buffer,
): void {
  if (attributeOf(attributes, oids.contentType)?.toOID() !== oids.timestampInfo) {
    throw wrong('expected the attributes of a timestamp, found others');
  }
  const signedDigest = attributeOf(attributes, oids.messageDigest)?.value;
  if (!signedDigest || !createHash(digest).update(content).digest().equals(signedDigest)) {
    throw wrong('expected the digest of this timestamp, found another');
  }
  if (!signatureDigests.has(algorithm)) throw wrong(`expected RSA or ECDSA, found ${algorithm}`);
  const hash = signatureDigests.get(algorithm) ?? digest;
  // The signature is over the attributes as a SET (RFC 5652, section 5.4).
  const signed = derElement(0x31, attributes.value);
  if (!verify(hash, signed, own.publicKey, signature)) {
    throw wrong(`expected a timestamp by ${nameOf(own)}, found another`);
  }
}

function requireTimestampAuthority(own: X509Certificate): void {
  const extension = Extensions.parse(Buffer.from(own.raw)).extension(oids.extendedKeyUsage);
  const purposes = own.keyUsage ?? [];
  if (extension?.critical === true && purposes.length === 1 && purposes[0] === oids.timeStamping) return;
  throw wrong(`expected ${nameOf(own)} to be for timestamps alone, found it is not`);
}

/** From the authority to a root of the user's, each valid at the time. */
function requireTrusted(
  own: X509Certificate,
  certificates: readonly X509Certificate[],
  roots: readonly TrustedCertificate[],
  at: Date,
): void {
  const trusted = roots.map(({ raw }) => new X509Certificate(raw));
  let current = own;
  for (let length = 0; length < maxChain; length++) {
    requireStrong(current);
    if (at < current.validFromDate || at > current.validToDate) {
      throw wrong(`expected ${nameOf(current)} to be valid at ${at.toISOString()}, found it was not`);
    }
    if (trusted.some(({ raw }) => raw.equals(current.raw))) return;
    const issuer = [...trusted, ...certificates].find((one) => issued(one, current));
    if (!issuer || issuer.raw.equals(current.raw)) break;
    current = issuer;
  }
  throw wrong(`expected a timestamp by a trusted authority, found ${nameOf(own)}`);
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.issuer === issuer.subject && certificate.verify(issuer.publicKey);
}

function requireStrong(certificate: X509Certificate): void {
  const weak = weakKey(certificate.publicKey);
  if (weak !== undefined) throw wrong(`expected ${strongKeys} on ${nameOf(certificate)}, found ${weak}`);
}

/** The value of an attribute that is there once. */
function attributeOf(attributes: ASN1Obj, oid: string): ASN1Obj | undefined {
  const found = attributes.subs.filter(({ subs }) => subs[0]?.toOID() === oid);
  return found.length === 1 ? found[0]?.subs[1]?.subs[0] : undefined;
}

function wrong(message: string, cause?: unknown): Refused {
  return new Refused('TIME_WRONG', `timestamp: ${message}`, cause);
}
