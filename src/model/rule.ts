import type { Verdict } from './verdict.ts';
import type { Comparison } from './version.ts';

/**
 * The rule for one vulnerability in a package, independent of the installed version: a version that has reached any of the fixes
 * is fixed.
 */
export interface VerdictRule {
  fixes: readonly RuleFix[];
  /** The outcome for every other version. Absent if no statement covers it. */
  otherwise?: Pick<Verdict, 'status' | 'fixState'>;
  /** For packages of languages: what each record states, those that exclude the installed version included. */
  ranges?: readonly RuleRange[];
}

/** The affected versions by one entry of a record. */
export interface RuleRange {
  advisories: readonly string[];
  /** Intervals and single versions: `>=1.0.0 <1.2.0`, `2.0.0`; `*` for every version. */
  affected: readonly string[];
  /** Whether the installed version is one of them. */
  includes: boolean;
}

/** A fix that the rule compares the installed version with. */
export interface RuleFix {
  version: string;
  /** The stream or channel of the fix: `main-9.4`, `esm-infra`. */
  stream?: string;
  /** The installed version that is compared with it (the package's own or its source's), and the result. */
  installed: string;
  comparison: Comparison;
}
