import { describe, expect, it } from 'vitest';
import { WaysOfClaims } from '../../../src/distros/shared/oval/ways-of-claims.ts';
import type { ShardClaim } from '../../../src/model/feed/index.ts';
import { flawRows } from '../../../src/oval/forms/rows.ts';

const claim = (fixed: string, ids: string[]): ShardClaim => ({ status: 'fixed', fixed, ids });

describe('rows of one line', () => {
  it('of the same claims have the same list of them, and others their own', () => {
    const [one, two] = [
      claim('1', ['CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3', 'CVE-2026-4']),
      claim('2', ['CVE-2026-2', 'CVE-2026-3', 'CVE-2026-5']),
    ];
    const rows = flawRows({ package: 'a', claims: [one, two] });
    expect(rows.map(({ claims }) => claims)).toEqual([[one], [one, two], [one, two], [one], [two]]);
    const [first, second, third, fourth] = rows.map(({ claims }) => claims);
    expect(first).toBe(fourth);
    expect(second).toBe(third);
  });
});

describe('the ways of claims', () => {
  const claims = [claim('1', ['CVE-2026-1'])];
  const of = () => {
    const made: string[][] = [];
    const known = new WaysOfClaims<string, string[]>((a, b) => a === b);
    const ask = (list: readonly ShardClaim[], parts: string[]) =>
      known.of(list, parts, (given) => {
        made.push([...given]);
        return [...given];
      });
    return { made, ask };
  };

  it('are made once for equal parts', () => {
    const { made, ask } = of();
    expect(ask(claims, ['a', 'b'])).toBe(ask(claims, ['a', 'b']));
    expect(made).toEqual([['a', 'b']]);
  });

  it('are made anew where rows of other packages join or leave, and for other claims', () => {
    const { made, ask } = of();
    expect(ask(claims, ['a'])).toEqual(['a']);
    expect(ask(claims, ['a', 'b'])).toEqual(['a', 'b']);
    expect(ask(claims, ['b', 'a'])).toEqual(['b', 'a']);
    expect(ask(claims, [])).toEqual([]);
    expect(ask([...claims], ['a'])).toEqual(['a']);
    expect(made).toHaveLength(5);
  });
});
