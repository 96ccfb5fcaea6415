import { describe, expect, it } from 'vitest';
import type { Erratum } from '../../../src/sources/errata/erratum.ts';
import { addErratum } from '../../../src/sources/errata/statements.ts';
import { KnownErratum } from '../../../src/sources/errata/union.ts';
import { collectingSink, findingCounts } from '../../support/sources.ts';
import { unreadCounts } from '../../support/unread.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

function erratum(id: string, flaws: number, packages: Erratum['packages']): Erratum {
  return {
    ...{ id, security: true, type: 'security', severity: 'important', title: '', description: '' },
    ...{ issued: undefined, page: undefined, modules: [], faults: [] },
    cves: numbers(flaws).map((at) => `CVE-2026-${10_000 + at}`),
    packages,
  };
}

const builds = (prefix: string, count: number) =>
  numbers(count).map((at) => ({
    ...{ name: `${prefix}${at}`, evr: '0:1-1.el9', arch: 'x86_64', module: undefined, pointer: `/${at}` },
  }));

describe('the errata of a release', () => {
  it('have a million pairs of a package and a flaw; one with more is counted, and its packages are unread', () => {
    const sink = collectingSink('made');
    const add = (each: Erratum) =>
      addErratum(each, { input: 'made', place: `made#${each.id}`, platform: 'made-9' }, sink);
    expect(add(erratum('M-1', 1000, builds('a', 700)))).toBe(700);
    expect(add(erratum('M-2', 1000, builds('b', 700)))).toBe(0);
    expect(add(erratum('M-3', 5000, builds('c', 1)))).toBe(1);
    expect(sink.statements).toHaveLength(701);
    expect(findingCounts(sink.ledger)).toEqual({ '-too_many_flaws': 700 });
    expect([sink.ledger.records, sink.ledger.used]).toEqual([1401, 701]);
    const unread = unreadCounts(sink.ledger, 'made-9');
    expect([unread.length, unread[0]]).toEqual([700, ['b0', 1]]);
  });
});

describe('an erratum in two documents', () => {
  it('is compared by what its rows may be of, and not row by row', () => {
    const rows = (module?: string) =>
      numbers(60_000).map((at) => ({
        ...{ name: 'perl', evr: `0:${at}-1.el9`, arch: `a${at}`, module, pointer: `/${at}` },
      }));
    const known = new KnownErratum(erratum('M-1', 2000, rows()));
    expect(known.additionOf(erratum('M-1', 3000, rows()))).toMatchObject({
      ...{ packages: [], otherBuilds: [], cves: { length: 1000 } },
    });
    expect(known.additionOf(erratum('M-1', 1, rows('perl:5.32'))).packages).toHaveLength(60_000);
  });
});
