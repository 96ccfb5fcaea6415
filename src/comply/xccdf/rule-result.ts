import type { OvalClass } from '../oval/model.ts';
import type { OvalResult } from '../values/result.ts';

const ruleResults = [
  'pass',
  'fail',
  'error',
  'unknown',
  'notapplicable',
  'notchecked',
  'notselected',
  'informational',
  'fixed',
] as const;

/** The results of XCCDF rules. */
export type RuleResult = (typeof ruleResults)[number];

export function isRuleResult(word: unknown): word is RuleResult {
  return ruleResults.some((each) => each === word);
}

/** The rule's result for a definition's: a true vulnerability or patch definition is a failure. */
export function fromOval(result: OvalResult, definitionClass: OvalClass): RuleResult {
  const flaw = definitionClass === 'vulnerability' || definitionClass === 'patch';
  switch (result) {
    case 'true':
      return flaw ? 'fail' : 'pass';
    case 'false':
      return flaw ? 'pass' : 'fail';
    case 'not evaluated':
      return 'notchecked';
    case 'not applicable':
      return 'notapplicable';
    default:
      return result;
  }
}

export function negateRule(result: RuleResult): RuleResult {
  if (result === 'pass') return 'fail';
  return result === 'fail' ? 'pass' : result;
}

/** Results that say nothing about the system and do not count beside others (XCCDF 1.2, table 29). */
const neutral: ReadonlySet<RuleResult> = new Set([
  'notapplicable',
  'notchecked',
  'notselected',
  'informational',
]);

/** Combines the checks of a complex check: the first result in the order of the operator that occurs. */
export function combineChecks(operator: 'AND' | 'OR', results: readonly RuleResult[]): RuleResult {
  const order: readonly RuleResult[] =
    operator === 'AND'
      ? ['fail', 'error', 'unknown', 'pass', 'fixed']
      : ['pass', 'fixed', 'error', 'unknown', 'fail'];
  const telling = order.find((result) => results.includes(result));
  if (telling) return telling;
  return results.find((result) => neutral.has(result)) ?? 'notchecked';
}
