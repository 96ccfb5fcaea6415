import { byOperator, negated } from '../oval/combine-results.ts';
import type { OvalOperator } from '../oval/model.ts';
import type { OvalResult } from '../values/result.ts';

/** Criteria as data: a test by its number, a known result, an operator with operands, or the opposite of one. */
export type Logic = number | OvalResult | [OvalOperator, ...Logic[]] | { not: Logic };

/** The result of criteria whose tests have these results. */
export function resultOf(logic: Logic, testResult: (number: number) => OvalResult): OvalResult {
  if (typeof logic === 'number') return testResult(logic);
  if (typeof logic === 'string') return logic;
  if ('not' in logic) return negated(resultOf(logic.not, testResult));
  const [operator, ...operands] = logic;
  return byOperator(
    operator,
    operands.map((each) => resultOf(each, testResult)),
  );
}
