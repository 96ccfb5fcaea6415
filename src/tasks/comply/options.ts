import { choice, flag } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** The lowest severity of rules that fail; `any` also includes rules without a severity. */
export type RuleThreshold = 'any' | 'info' | 'low' | 'medium' | 'high';

/** In ascending order. */
export const ruleSeverities = [
  'any',
  'info',
  'low',
  'medium',
  'high',
] as const satisfies readonly RuleThreshold[];

/** Options that decide which results of rules fail. */
export interface RulePolicyOptions {
  /** The severity from which on a failed rule fails (`policy.exitCode` 1). `any`: also rules without one. Default: nothing fails. */
  failOn?: RuleThreshold;
  /** Does not set `policy.exitCode` to 4 for gated rules that could not be judged, nor for failed rules without a severity. */
  allowUnjudged?: boolean;
}

/** The options of {@link RulePolicyOptions}. */
export const rulePolicyOptions = {
  'fail-on': choice(ruleSeverities, 'exit 1 when a rule of at least this severity fails: %', {
    metavar: 'S',
    noun: 'severity',
  }),
  'allow-unjudged': flag(
    'do not exit 4 because of gated rules with the result error or unknown, or of failed rules without a severity',
  ),
} satisfies OptionTableOf<RulePolicyOptions>;
