import { describe, expect, it } from 'vitest';
import { doubtOf, isUnsettled, needsAction } from '../../../src/model/compliance/index.ts';

it('a flaw that is there and a rule that is not kept need action, and nothing else', () => {
  const needing = (['vulnerability', 'patch', 'compliance', 'inventory', 'miscellaneous'] as const).flatMap(
    (kind) =>
      (['true', 'false', 'unknown', 'error', 'not applicable', 'not evaluated'] as const)
        .filter((result) => needsAction({ class: kind, result }))
        .map((result) => `${kind} ${result}`),
  );

  expect(needing).toEqual(['vulnerability true', 'patch true', 'compliance false']);
});

describe('a definition without a result', () => {
  it.each(['unknown', 'error', 'not evaluated'] as const)('%s: settles no flaw', (result) => {
    expect(isUnsettled({ class: 'vulnerability', result })).toBe(true);
    expect(isUnsettled({ class: 'inventory', result })).toBe(false);
  });

  it('that is deprecated may have nothing to evaluate', () => {
    expect(isUnsettled({ class: 'patch', result: 'not evaluated', deprecated: true })).toBe(false);
    expect(isUnsettled({ class: 'patch', result: 'error', deprecated: true })).toBe(true);
  });
});

it('content that applies leaves no doubt', () => {
  expect(doubtOf({ applies: 'yes' })).toBeUndefined();
  expect(doubtOf({ applies: 'no', reason: 'it is for RHEL 9' })).toBe('nothing applies: it is for RHEL 9');
  expect(doubtOf({ applies: 'unknown', reason: 'no release' })).toBe(
    'unknown whether the content applies: no release',
  );
});
