import type { Verdict } from './verdict.ts';
import type { Comparison } from './version.ts';

/**
 * What decides on a package about one vulnerability, whichever version of it is installed: a build that has reached any
 * of the fixes is fixed.
 */
export interface VerdictRule {
  fixes: readonly RuleFix[];
  /** What every other build is; absent: nothing is said of it. */
  otherwise?: Pick<Verdict, 'status' | 'fixState'>;
}

export interface RuleFix {
  version: string;
  /** The stream or channel that the fix is of: `main-9.4`, `esm-infra`. */
  stream?: string;
  /** The installed version that it is compared with, the package's own or its source's, and how that one stands to it. */
  installed: string;
  comparison: Comparison;
}
