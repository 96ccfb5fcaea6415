import { describe, expect, it } from 'vitest';
import { byCheck, byExistence, byOperator, negated } from '../../../src/comply/oval/combine-results.ts';
import type { OvalResult } from '../../../src/comply/values/result.ts';

const words: Record<string, OvalResult> = {
  T: 'true',
  F: 'false',
  E: 'error',
  U: 'unknown',
  N: 'not evaluated',
  A: 'not applicable',
};

function results(letters: string): OvalResult[] {
  return [...letters].map((letter) => words[letter] as OvalResult);
}

/** Rows of OperatorEnumeration: operands, then AND, OR, ONE, XOR. */
const operatorRows = [
  'TT TTFF',
  'TF FTTT',
  'FF FFFF',
  'TE ETEE',
  'FE FEEE',
  'TU UTUU',
  'FU FUUU',
  'TN NTNN',
  'FN FNNN',
  'EU EEEE',
  'UN UUUU',
  'TA TTTT',
  'FA FFFF',
  'AA AAAA',
  'TTE ETFE',
  'TTT TTFT',
];

describe('byOperator', () => {
  it.each(operatorRows)('%s', (row) => {
    const [operands = '', expected = ''] = row.split(' ');
    const found = (['AND', 'OR', 'ONE', 'XOR'] as const).map((operator) =>
      byOperator(operator, results(operands)),
    );
    expect(found).toEqual(results(expected));
  });

  it('is unknown without operands', () => {
    expect(byOperator('AND', [])).toBe('unknown');
  });
});

describe('byCheck', () => {
  // oscap answers "at least one" of F and U with error; CheckEnumeration says unknown.
  it.each([
    ['at least one', 'FU', 'unknown'],
    ['at least one', 'FN', 'not evaluated'],
    ['none satisfy', 'FF', 'true'],
    ['none satisfy', 'FT', 'false'],
    ['none satisfy', 'FE', 'error'],
    ['only one', 'TTE', 'false'],
    ['all', 'TU', 'unknown'],
  ] as const)('%s of %s is %s', (check, operands, expected) => {
    expect(byCheck(check, results(operands))).toBe(expected);
  });
});

describe('byExistence', () => {
  const counts = (exists: number, absent: number, errors: number, uncollected: number) => ({
    exists,
    absent,
    errors,
    uncollected,
  });

  it.each([
    ['all_exist', counts(2, 0, 0, 0), 'true'],
    ['all_exist', counts(2, 1, 1, 1), 'false'],
    ['all_exist', counts(2, 0, 1, 0), 'error'],
    ['all_exist', counts(0, 0, 0, 0), 'false'],
    ['any_exist', counts(0, 1, 0, 0), 'true'],
    ['any_exist', counts(0, 0, 1, 0), 'error'],
    ['at_least_one_exists', counts(1, 0, 1, 0), 'true'],
    ['at_least_one_exists', counts(0, 0, 0, 1), 'unknown'],
    ['none_exist', counts(1, 0, 1, 0), 'false'],
    ['none_exist', counts(0, 1, 0, 0), 'true'],
    ['only_one_exists', counts(1, 0, 0, 1), 'unknown'],
    ['only_one_exists', counts(2, 0, 1, 0), 'false'],
    ['only_one_exists', counts(1, 2, 0, 0), 'true'],
  ] as const)('%s of %o is %s', (existence, given, expected) => {
    expect(byExistence(existence, given)).toBe(expected);
  });
});

describe('negated', () => {
  it('turns only true and false', () => {
    expect(results('TFEUNA').map(negated)).toEqual(results('FTEUNA'));
  });
});
