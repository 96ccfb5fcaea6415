import { describe, expect, it } from 'vitest';
import { combineChecks, fromOval, type RuleResult } from '../../../src/comply/xccdf/rule-result.ts';

describe('fromOval', () => {
  it('turns true into a failure for flaws and missing patches only', () => {
    expect(
      (['compliance', 'vulnerability', 'patch', 'inventory'] as const).map((each) => fromOval('true', each)),
    ).toEqual(['pass', 'fail', 'fail', 'pass']);
  });
});

describe('combineChecks', () => {
  // oscap has `error AND pass` as unknown and `unknown AND pass` as error; XCCDF 1.2, table 29, has it so:
  it.each<[operator: 'AND' | 'OR', operands: RuleResult[], expected: RuleResult]>([
    ['AND', ['error', 'pass'], 'error'],
    ['AND', ['error', 'error'], 'error'],
    ['AND', ['unknown', 'pass'], 'unknown'],
    ['AND', ['pass', 'notchecked'], 'pass'],
    ['AND', ['fail', 'error'], 'fail'],
    ['OR', ['error', 'fail'], 'error'],
    ['OR', ['fail', 'error'], 'error'],
    ['OR', ['unknown', 'pass'], 'pass'],
    ['OR', ['notapplicable', 'fail'], 'fail'],
    ['AND', ['notchecked', 'notchecked'], 'notchecked'],
  ])('%s of %o is %s', (operator, operands, expected) => {
    expect(combineChecks(operator, operands)).toBe(expected);
  });
});
