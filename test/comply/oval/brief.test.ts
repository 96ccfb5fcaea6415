import { describe, expect, it } from 'vitest';
import type { OvalState } from '../../../src/comply/oval/model.ts';
import { isBriefState } from '../../../src/comply/oval/states.ts';

function matching(value: string, more = {}): OvalState {
  return {
    type: 'linux/rpminfo',
    version: '1',
    entities: [{ name: 'version', operation: 'pattern match', value, ...more }],
  };
}

describe('a state that needs no limit on time', () => {
  it.each(['^9', '^9\\.4$', 'Acme Linux', '.x86_64', ''])('may have the pattern %s', (pattern) => {
    expect(isBriefState(matching(pattern))).toBe(true);
  });

  it.each(['(a+)+$', '^9.*', 'a?', 'a{9}', '[ab]', 'a|b', '\\d', '(a)\\1', `${'a'.repeat(300)}`])(
    'may not have the pattern %s',
    (pattern) => {
      expect(isBriefState(matching(pattern))).toBe(false);
    },
  );

  it('has values of its own', () => {
    expect(isBriefState(matching('^9', { variable: 'oval:a:var:1' }))).toBe(false);
    expect(isBriefState(matching('^9', { operation: 'equals' }))).toBe(true);
  });
});
