import { type RulePolicyOptions, type RuleThreshold, rulePolicyOptions } from '../comply/options.ts';
import type { OptionTableOf } from '../parameters.ts';

/** Options that decide which results of rules fail, beside those of flaws. */
export interface CheckRuleOptions extends Omit<RulePolicyOptions, 'failOn'> {
  /** The severity from which on a failed rule fails (`policy.exitCode` 1). `any`: also rules without one. Default: nothing fails. */
  failOnRule?: RuleThreshold;
}

/** The options of {@link CheckRuleOptions}. */
export const checkRuleOptions = {
  'fail-on-rule': rulePolicyOptions['fail-on'],
  'allow-unjudged': rulePolicyOptions['allow-unjudged'],
} satisfies OptionTableOf<CheckRuleOptions>;
