import type { KeyObject } from 'node:crypto';
import type { TrustMaterial } from '@sigstore/verify';
import type { NameRule } from './name-rule.ts';
import type { NotaryRules } from './notary/rules.ts';

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
  /**
   * For signers, for services that sign for others and are believed about the time (`signingAuthority`), or for authorities that
   * stamp the time of signatures.
   */
  use: 'signer' | 'signing-authority' | 'timestamp-authority';
}

/** An identity and its provider: both must be as required. */
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

/** Required signers and types: any one of the keys, names and certificates is enough. */
export interface RequiredSigners {
  keys: readonly TrustedKey[];
  identities: readonly TrustedIdentity[];
  certificates: readonly TrustedCertificate[];
  openpgp: readonly TrustedOpenPgp[];
  /** Authorities and logs; absent: log entries and timestamps of signatures by a key are not looked at. */
  trust?: TrustMaterial;
  /** Certificates that a signature of cosign's brings are used, where the authorities of `trust` issued them. */
  takesIntermediates?: boolean;
  thresholds: Thresholds;
  /** Types of the attestation that is asked for; absent: a signature of the image. */
  predicateTypes?: readonly string[];
  /** Rules for signatures of the Notary Project; absent: those of the options. */
  notary?: NotaryRules;
  /** The name that must have been signed, in forms that have one; absent: what is usual for its kind. */
  name?: NameRule;
}

/** One thing that must hold for an image. */
export type Requirement =
  | { kind: 'signature'; asked: RequiredSigners }
  /** A policy that asks for nothing. */
  | { kind: 'anything' }
  /** A policy that admits no image, by its own words or because it asks for a kind of key that is not read. */
  | { kind: 'nothing'; keyType?: string };

/** The requirements for one image: all of them must hold. */
export interface Demand {
  requirements: readonly Requirement[];
  /** Where it is from; absent: from options. */
  policy?: { file: string; scope: string };
}
