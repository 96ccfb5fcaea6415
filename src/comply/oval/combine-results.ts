import type { OvalResult } from '../values/result.ts';
import type { OvalCheck, OvalExistence, OvalOperator } from './model.ts';

interface Tally {
  T: number;
  F: number;
  E: number;
  U: number;
  NE: number;
  NA: number;
}

/** Combines results by a criteria or state operator (OperatorEnumeration of the OVAL common schema). */
export function byOperator(operator: OvalOperator, results: readonly OvalResult[]): OvalResult {
  // Most criteria are decided by one result, whatever the others are.
  if (operator === 'AND' && results.includes('false')) return 'false';
  if (operator === 'OR' && results.includes('true')) return 'true';
  const tally = count(results);
  const outside = nothingCounted(tally);
  if (outside) return outside;
  if (operator === 'AND') return allTrue(tally);
  if (operator === 'OR') return anyTrue(tally);
  if (operator === 'ONE') return oneTrue(tally);
  return doubt(tally) ?? (tally.T % 2 === 1 ? 'true' : 'false');
}

/** Combines results by a check attribute (CheckEnumeration). */
export function byCheck(check: OvalCheck, results: readonly OvalResult[]): OvalResult {
  const tally = count(results);
  const outside = nothingCounted(tally);
  if (outside) return outside;
  if (check === 'all') return allTrue(tally);
  if (check === 'at least one') return anyTrue(tally);
  if (check === 'only one') return oneTrue(tally);
  return negated(anyTrue(tally));
}

/** Numbers of items of a test, or entities of an item, by status. */
interface StatusCounts {
  exists: number;
  absent: number;
  errors: number;
  uncollected: number;
}

/** Judges statuses by a check_existence attribute (ExistenceEnumeration). */
export function byExistence(existence: OvalExistence, counts: StatusCounts): OvalResult {
  const { exists, absent, errors, uncollected } = counts;
  switch (existence) {
    case 'all_exist':
      if (absent > 0) return 'false';
      if (errors > 0) return 'error';
      if (uncollected > 0) return 'unknown';
      return exists > 0 ? 'true' : 'false';
    case 'any_exist':
      return errors > 0 && exists === 0 ? 'error' : 'true';
    case 'at_least_one_exists':
      if (exists > 0) return 'true';
      break;
    case 'none_exist':
      if (exists > 0) return 'false';
      break;
    case 'only_one_exists':
      if (exists > 1) return 'false';
      break;
  }
  if (errors > 0) return 'error';
  if (uncollected > 0) return 'unknown';
  if (existence === 'none_exist') return 'true';
  return existence === 'only_one_exists' && exists === 1 ? 'true' : 'false';
}

/** `true` and `false` are swapped; other results stay. */
export function negated(result: OvalResult): OvalResult {
  if (result === 'true') return 'false';
  return result === 'false' ? 'true' : result;
}

function count(results: readonly OvalResult[]): Tally {
  const tally: Tally = { T: 0, F: 0, E: 0, U: 0, NE: 0, NA: 0 };
  for (const result of results) {
    if (result === 'true') tally.T += 1;
    else if (result === 'false') tally.F += 1;
    else if (result === 'error') tally.E += 1;
    else if (result === 'unknown') tally.U += 1;
    else if (result === 'not evaluated') tally.NE += 1;
    else tally.NA += 1;
  }
  return tally;
}

/** No results give `unknown`, and only `not applicable` ones `not applicable`; beside others these do not count. */
function nothingCounted({ T, F, E, U, NE, NA }: Tally): OvalResult | undefined {
  if (T + F + E + U + NE > 0) return undefined;
  return NA > 0 ? 'not applicable' : 'unknown';
}

function allTrue(tally: Tally): OvalResult {
  return tally.F > 0 ? 'false' : (doubt(tally) ?? 'true');
}

function anyTrue(tally: Tally): OvalResult {
  return tally.T > 0 ? 'true' : (doubt(tally) ?? 'false');
}

function oneTrue(tally: Tally): OvalResult {
  if (tally.T > 1) return 'false';
  return doubt(tally) ?? (tally.T === 1 ? 'true' : 'false');
}

function doubt({ E, U, NE }: Tally): OvalResult | undefined {
  if (E > 0) return 'error';
  if (U > 0) return 'unknown';
  return NE > 0 ? 'not evaluated' : undefined;
}
