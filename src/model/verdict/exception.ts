import type { Signer } from './signed.ts';

/** Why a verdict is excluded: the user's policy, a VEX statement, or an earlier result that already had it. */
export interface Ignored {
  by: 'policy' | 'vex' | 'baseline';
  reason: string;
  /** Location of the exception: `scapfeed.yaml#/ignore/0`, `vex.json#/statements/3`. */
  where: string;
  /** Last day on which it is in force, if it ends. */
  until?: string;
  /** The status in a VEX statement. */
  status?: 'not_affected' | 'fixed';
}

/** The issuer of a VEX document, by what does not rest on the document's own words. */
export type VexIssuer =
  /** `path`: its real path, without links; absent: it has none. */
  | { kind: 'file'; file: string; path?: string }
  /** Whoever can write to the image's repository. */
  | { kind: 'attached' }
  | { kind: 'signer'; signer: Signer }
  | { kind: 'repository'; name: string };

/** The use of the given exceptions. Parts that were not given are absent. */
export interface Exceptions {
  policy?: PolicyUse;
  vex?: readonly VexUse[];
  baseline?: BaselineUse;
}

/** A policy file and the use of its entries. */
export interface PolicyUse {
  file: string;
  /** SHA-256 of the file's bytes, in hex. */
  sha256: string;
  /** Given with --policy, or `scapfeed.yaml` in the working directory. */
  chosen: 'option' | 'working_directory';
  entries: readonly EntryUse[];
}

/** The use of a policy entry. `used`: it excluded at least one verdict; `expired`: it is no longer in force. */
export interface EntryUse {
  /** JSON pointer of the entry: `/ignore/0`. */
  where: string;
  line: number;
  reason: string;
  until?: string;
  state: 'used' | 'unused' | 'expired';
  /** Number of verdicts that it excluded, or, if expired, would have excluded. */
  verdicts: number;
}

/** A VEX document and its statements that had no effect. */
export interface VexUse {
  document: string;
  format: string;
  author?: string;
  statements: number;
  used: number;
  /** Flaws that it would clear, and that its issuer has no right to lift. Absent: none. */
  notLifted?: number;
  unused: readonly UnusedStatement[];
}

/** A statement that excluded nothing, with the closest candidate and why it did not match. */
export interface UnusedStatement {
  where: string;
  vulnerability: string;
  status: string;
  product: string;
  why: string;
}

/** An earlier result whose flaws are not new. */
export interface BaselineUse {
  file: string;
  /** Flaws in both the earlier result and this one. */
  known: number;
  /** Flaws of the earlier result that are gone. */
  gone: number;
}
