import { byOperator, negated } from '../oval/combine-results.ts';
import type { OvalOperator } from '../oval/model.ts';
import type { OvalResult } from '../values/result.ts';

/** Criteria as data: a test by its number, a known result, an operator with operands, or the opposite of one. */
export type Logic = number | OvalResult | [OvalOperator, ...Logic[]] | ['NOT', Logic];

/** The result of criteria whose tests have these results. */
export function resultOf(logic: Logic, testResult: (number: number) => OvalResult): OvalResult {
  if (typeof logic === 'number') return testResult(logic);
  if (typeof logic === 'string') return logic;
  const [operator, ...operands] = logic;
  const results = operands.map((each) => resultOf(each, testResult));
  return operator === 'NOT' ? negated(results[0]!) : byOperator(operator, results);
}
