import type { KeyObject } from 'node:crypto';
import type { TrustMaterial } from '@sigstore/verify';

/** A public key that the user trusts. */
export interface TrustedKey {
  file: string;
  /** `sha256:` and the digest of its DER form. */
  digest: string;
  key: KeyObject;
}

/** A certificate below which signatures of the Notary Project are trusted. */
export interface TrustedCertificate {
  file: string;
  subject: string;
  /** DER. */
  raw: Buffer;
  /** For signers, or for services that sign for others and are believed about the time (`signingAuthority`). */
  use: 'signer' | 'signing-authority';
}

/** Somebody whom an identity provider vouches for: both must be as asked. */
export interface TrustedIdentity {
  /** The whole name, or a pattern for the whole name. */
  name: string | RegExp;
  issuer: string;
}

/** OpenPGP keys that sign in the form of containers/image. */
export interface TrustedOpenPgp {
  file: string;
  /** Armored or not. */
  bytes: Buffer;
}

/** Numbers of proofs that a signature must have at least; absent: what is usual for its kind. */
export interface Thresholds {
  logEntries?: number;
  timestamps?: number;
  certificateLogs?: number;
}

/** Who must have signed, and what: any one of the keys, names and certificates is enough. */
export interface Asked {
  keys: readonly TrustedKey[];
  identities: readonly TrustedIdentity[];
  certificates: readonly TrustedCertificate[];
  openpgp: readonly TrustedOpenPgp[];
  /** Authorities and logs; absent: log entries and timestamps of signatures by a key are not looked at. */
  trust?: TrustMaterial;
  thresholds: Thresholds;
  /** Types of the attestation that is asked for; absent: a signature of the image. */
  predicateTypes?: readonly string[];
}
