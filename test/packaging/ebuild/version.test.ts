import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  beginsWith,
  compareEbuild,
  isLiveEbuild,
  parseEbuildVersion,
} from '../../../src/packaging/ebuild/version.ts';
import { dataPath, hasData } from '../../support/data.ts';

describe("Gentoo's order of versions", () => {
  it.each([
    // Package Manager Specification, 3.3
    ['components', '1 1.0 1.0.0 1.0.1 1.1 1.2 1.10 2 10'],
    ['components with a zero first', '1.001 1.002 1.01 1.012 1.02 1.020.1 1.1 1.2 1.10'],
    ['letters', '1.0 1.0a 1.0b 1.0.1'],
    ['suffixes', '1_alpha 1_alpha1 1_alpha2 1_beta 1_pre 1_pre2 1_rc 1_rc10 1 1_p 1_p1 1_p20 1a_alpha 1a'],
    ['suffixes of suffixes', '1_alpha_beta 1_alpha_rc1 1_alpha 1_alpha_p 1_p1_alpha 1_p1 1_p1_p1'],
    ['revisions', '1.0 1.0-r1 1.0-r2 1.0-r10 1.0_p 1.0_p-r1 1.0a'],
    ['long numbers', '99999999999999999998 99999999999999999999 100000000000000000000'],
    ['live ebuilds', '1.2 1.9999 9999'],
  ])('%s', (_, versions) => {
    const rising = versions.split(' ');
    for (const [at, a] of rising.entries())
      for (const [place, b] of rising.entries())
        expect(compareEbuild(a, b), `${a} ${b}`).toBe(Math.sign(at - place));
  });

  it('forms of one version are equal', () => {
    expect(
      ['1.0-r0 1.0', '1.0-r00 1.0', '01.0 1.0', '1_p 1_p0', '1.010 1.01', '1.0_rc 1.0_rc00'].map((pair) =>
        compareEbuild(...(pair.split(' ') as [string, string])),
      ),
    ).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it.each([
    ...['', '1.', '.1', '1..2', 'a', '1ab', '1.0A', '1-1', '1.0-r', '1.0_foo', '1_p-1', '1.0 ', '1.0\n', 'é'],
    ...['1.0-r1-r2', '1-r1_p', '1.a', '1'.repeat(256)],
  ])('%j is no version', (text) => {
    expect(parseEbuildVersion(text)).toBeUndefined();
    expect(compareEbuild('1', text)).toBeUndefined();
  });

  it('versions of nines are those of live ebuilds', () => {
    const live = ['9999', '99999999', '1.9999', '9999-r2', '2.3_p9999', '3.9999.9999'];
    const others = ['999', '1.19999', '9999.1', '9999_p1', '20239999', '1.2-r9999'];
    expect(live.filter((each) => !isLiveEbuild(each))).toEqual([]);
    expect(others.filter(isLiveEbuild)).toEqual([]);
  });

  it('a prefix is one of whole components', () => {
    const start = (text: string, versions: string) =>
      versions
        .split(' ')
        .filter((each) => beginsWith(parseEbuildVersion(each)!, parseEbuildVersion(text)!))
        .join(' ');
    const versions = '1.3 1.3.2 1.3b 1.3_p1-r2 1.3-r1 1.30 1.2 2 1.3_p10 1.3_p1';
    expect(start('1.3', versions)).toBe('1.3 1.3.2 1.3b 1.3_p1-r2 1.3-r1 1.3_p10 1.3_p1');
    expect(start('1.3_p1', versions)).toBe('1.3_p1-r2 1.3_p1');
    expect(start('1.3-r1', versions)).toBe('1.3-r1');
    expect(start('1', versions)).toBe('1.3 1.3.2 1.3b 1.3_p1-r2 1.3-r1 1.30 1.2 1.3_p10 1.3_p1');
  });

  it.skipIf(!hasData('interchange2', 'vers'))('is that of the specification of version ranges', () => {
    const file = dataPath('interchange2', 'vers', 'tests', 'gentoo_version_cmp_test.json');
    const { tests } = JSON.parse(readFileSync(file, 'utf8')) as {
      tests: { test_type: string; input: { versions: [string, string] }; expected_output: unknown }[];
    };
    expect(tests).toHaveLength(48);
    for (const { test_type, input, expected_output } of tests) {
      const [a, b] = input.versions;
      const order = compareEbuild(a, b);
      if (test_type === 'equality') expect(order === 0, `${a} ${b}`).toBe(expected_output);
      else {
        expect(order, `${a} ${b}`).toBeTypeOf('number');
        const sorted = order === 1 ? [b, a] : [a, b];
        expect(sorted, `${a} ${b}`).toEqual(expected_output);
      }
    }
  });
});
