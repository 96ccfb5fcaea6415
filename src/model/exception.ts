/** Why a verdict is put aside: the user's own policy, a VEX statement, or a result that had it already. */
export interface Ignored {
  by: 'policy' | 'vex' | 'baseline';
  reason: string;
  /** Where it says so: `scapfeed.yaml#/ignore/0`, `vex.json#/statements/3`. */
  where: string;
  /** Last day on which it holds, if it ends. */
  until?: string;
  /** What a VEX statement says. */
  status?: 'not_affected' | 'fixed';
}

/** What became of the exceptions that the user gave. Absent parts were not given. */
export interface Exceptions {
  policy?: PolicyUse;
  vex?: readonly VexUse[];
  baseline?: BaselineUse;
}

/** A policy file and its entries. */
export interface PolicyUse {
  file: string;
  /** Hex, of the file's bytes. */
  sha256: string;
  /** Named with --policy, or `scapfeed.yaml` of the working directory. */
  chosen: 'option' | 'working_directory';
  entries: readonly EntryUse[];
}

/** `used`: at least one verdict was put aside by it; `expired`: it acts no more. */
export interface EntryUse {
  /** `/ignore/0` */
  where: string;
  line: number;
  reason: string;
  until?: string;
  state: 'used' | 'unused' | 'expired';
  /** Verdicts that it put aside; of an expired one, those that it would have. */
  verdicts: number;
}

/** A VEX document and those of its statements that did nothing. */
export interface VexUse {
  document: string;
  format: string;
  author?: string;
  statements: number;
  used: number;
  unused: readonly UnusedStatement[];
}

/** A statement that put nothing aside, with what came nearest and why it did not match. */
export interface UnusedStatement {
  where: string;
  vulnerability: string;
  status: string;
  product: string;
  why: string;
}

/** A former result: what it had is not new. */
export interface BaselineUse {
  file: string;
  /** Flaws that the former result has and this one too. */
  known: number;
  /** Flaws of the former result that are gone. */
  gone: number;
}
