import { X509Certificate as Certificate } from 'node:crypto';
import { X509Certificate as Extensions } from '@sigstore/core';
import { strongKeys, weakKey } from '../../io/digest.ts';
import { nameOf } from '../certificate-name.ts';
import { signatureLimits } from '../limits.ts';
import { Refused } from '../refused.ts';

/** A certificate of a chain, once for its names and keys, and once for its extensions. */
export interface ChainLink {
  certificate: Certificate;
  extensions: Extensions;
}

const keyUsage = '2.5.29.15';
const basicConstraints = '2.5.29.19';
const extendedKeyUsage = '2.5.29.37';

/** Bits of keyUsage that a signing certificate may not have: encipherment, agreement, signing certificates or lists. */
const otherUses = [2, 3, 4, 5, 6];

/** Purposes that a signing certificate may not have: any, servers, clients, mail, timestamps. */
const otherPurposes = [
  '2.5.29.37.0',
  '1.3.6.1.5.5.7.3.1',
  '1.3.6.1.5.5.7.3.2',
  '1.3.6.1.5.5.7.3.4',
  '1.3.6.1.5.5.7.3.8',
];

/** Signature algorithms with SHA-1 or MD5. */
const weakAlgorithms = /sha1|md5|1\.2\.840\.113549\.1\.1\.[45]$|1\.2\.840\.10045\.4\.1$/i;

/**
 * Certificates from the leaf to the root, each issued by the next, by the rules of the Notary Project
 * (specs/signature-specification.md, "Certificate Requirements"). Refused: CERTIFICATE_UNSUITABLE and others.
 */
export function readChain(certificates: readonly Buffer[]): readonly [ChainLink, ...ChainLink[]] {
  if (certificates.length > signatureLimits.proofs) {
    throw new Refused(
      'SIGNATURE_TOO_LARGE',
      `expected at most ${signatureLimits.proofs} certificates, found ${certificates.length}`,
    );
  }
  const [leaf, ...issuers] = certificates.map(readLink);
  if (!leaf) throw new Refused('SIGNATURE_MALFORMED', 'expected a chain of certificates, found none');
  const chain = [leaf, ...issuers] as const;
  requireIssued(chain);
  requireLeaf(leaf);
  for (const [below, issuer] of issuers.entries()) requireAuthority(issuer, below);
  return chain;
}

/** Refused: CERTIFICATE_EXPIRED. */
export function requireValid(chain: readonly ChainLink[], time: Date): void {
  for (const { certificate } of chain) {
    const { validFromDate: from, validToDate: to } = certificate;
    if (from <= time && time <= to) continue;
    throw new Refused(
      'CERTIFICATE_EXPIRED',
      `expected a certificate valid at ${time.toISOString()}, found one from ${from.toISOString()} to ${to.toISOString()}`,
    );
  }
}

export function isValid(chain: readonly ChainLink[], time: Date): boolean {
  return chain.every(
    ({ certificate: { validFromDate: from, validToDate: to } }) => from <= time && time <= to,
  );
}

function readLink(der: Buffer): ChainLink {
  if (der.length > signatureLimits.certificateBytes) {
    throw new Refused('SIGNATURE_TOO_LARGE', `expected a small certificate, found ${der.length} bytes`);
  }
  try {
    return { certificate: new Certificate(der), extensions: Extensions.parse(Buffer.from(der)) };
  } catch (error) {
    throw new Refused('SIGNATURE_MALFORMED', `certificate: ${(error as Error).message}`, error);
  }
}

/** The last one issued itself: the chain is whole. */
function requireIssued(chain: readonly ChainLink[]): void {
  for (const [at, { certificate }] of chain.entries()) {
    const issuer = (chain[at + 1] ?? chain[at]!).certificate;
    if (certificate.issuer === issuer.subject && certificate.verify(issuer.publicKey)) continue;
    throw unsuitable(`expected ${nameOf(certificate)} to be issued by ${nameOf(issuer)}, found it is not`);
  }
}

function requireLeaf(link: ChainLink): void {
  const { extensions, certificate } = link;
  const usage = usageOf(link);
  if (usage[0] !== 1 || otherUses.some((bit) => usage[bit] === 1)) {
    throw unsuitable(`expected ${nameOf(certificate)} to be for digital signatures only, found other uses`);
  }
  const other = certificate.keyUsage?.find((purpose) => otherPurposes.includes(purpose));
  if (extensions.extension(extendedKeyUsage) && other !== undefined) {
    throw unsuitable(`expected ${nameOf(certificate)} to be for signing, found the purpose ${other}`);
  }
  if (extensions.extBasicConstraints?.isCA === true) {
    throw unsuitable(`expected ${nameOf(certificate)} to sign images, found an authority`);
  }
  requireStrong(link);
}

/** `below`: authorities between it and the leaf. */
function requireAuthority(link: ChainLink, below: number): void {
  const { extensions, certificate } = link;
  const constraints = extensions.extBasicConstraints;
  if (constraints?.isCA !== true || extensions.extension(basicConstraints)?.critical !== true) {
    throw unsuitable(`expected ${nameOf(certificate)} to be an authority, found it is none`);
  }
  const most = constraints.pathLenConstraint;
  if (most !== undefined && below > most) {
    throw unsuitable(`expected at most ${most} authorities below ${nameOf(certificate)}, found ${below}`);
  }
  if (usageOf(link)[5] !== 1) {
    throw unsuitable(`expected ${nameOf(certificate)} to be for signing certificates, found other uses`);
  }
  requireStrong(link);
}

function requireStrong({ certificate, extensions }: ChainLink): void {
  if (weakAlgorithms.test(extensions.signatureAlgorithm)) {
    throw unsuitable(
      `expected a signature by SHA-2 on ${nameOf(certificate)}, found ${extensions.signatureAlgorithm}`,
    );
  }
  const { publicKey } = certificate;
  const weak = weakKey(publicKey);
  if (weak !== undefined) throw unsuitable(`expected ${strongKeys}, found ${weak}`);
  const { asymmetricKeyType: type } = publicKey;
  if (type !== 'rsa' && type !== 'ec') throw unsuitable(`expected a key of RSA or EC, found ${type}`);
}

/** Bits of the critical extension keyUsage. */
function usageOf({ extensions, certificate }: ChainLink): readonly number[] {
  const extension = extensions.extension(keyUsage);
  if (extension?.critical !== true) {
    throw unsuitable(`expected ${nameOf(certificate)} to have a critical keyUsage, found none`);
  }
  return extension.valueObj.subs[0]?.toBitString() ?? [];
}

function unsuitable(message: string): Refused {
  return new Refused('CERTIFICATE_UNSUITABLE', message);
}
