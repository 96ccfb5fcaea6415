import type { Verdict } from './verdict.ts';
import type { Comparison } from './version.ts';

/**
 * What decides about one vulnerability in a package, whatever version is installed: a build that has reached any of the
 * fixes is fixed.
 */
export interface VerdictRule {
  fixes: readonly RuleFix[];
  /** The outcome of every other build; absent: no row speaks of it. */
  otherwise?: Pick<Verdict, 'status' | 'fixState'>;
}

/** A fix that the rule compares the installed version with. */
export interface RuleFix {
  version: string;
  /** The stream or channel of the fix: `main-9.4`, `esm-infra`. */
  stream?: string;
  /** The installed version that is compared with it (the package's own or its source's), and their order. */
  installed: string;
  comparison: Comparison;
}
