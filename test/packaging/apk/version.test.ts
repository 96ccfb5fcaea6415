import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareApk, parseApkVersion } from '../../../src/packaging/apk/version.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { apkVersion } from './arbitrary.ts';

describe('order of apk versions', () => {
  it.each([
    ['1.2', '1.10'],
    ['1.2_alpha', '1.2_beta'],
    ['1.2_beta3', '1.2_pre1'],
    ['1.2_pre9', '1.2_rc1'],
    ['1.2_rc1', '1.2'],
    ['1.2', '1.2_cvs1'],
    ['1.2_cvs20200101', '1.2_svn1'],
    ['1.2_svn1', '1.2_git20210101'],
    ['1.2_git20210101', '1.2_hg1'],
    ['1.2_hg1', '1.2_p1'],
    ['1.2_p1', '1.2_p2'],
    ['1.2_p9', '1.2_p10'],
    ['1.2', '1.2-r0'],
    ['1.2-r9', '1.2-r10'],
    ['1.2-r5', '1.2a-r0'],
    ['1.2a', '1.2b'],
    ['1.2z', '1.2.1'],
    ['1.2_p1', '1.2.1'],
    ['3.0.7-r2', '3.0.8-r0'],
    ['9.9_p1-r5', '10.0_p1-r0'],
    ['1.2~0a1b', '1.2~0a1c'],
    ['1.2_rc1-r9', '1.2-r0'],
    ['1.9.5p1-r0', '1.9.5p2-r0'],
    ['1.9.5p2-r0', '1.9.5p10-r0'],
    ['1.9.5p2-r0', '1.9.5q-r0'],
    ['1.9.5p_p1-r0', '1.9.5p2-r0'],
    ['1.9.5p2-r0', '1.9.6-r0'],
    ['1.7.5-r1', '1.7.5.-r1'],
    ['1.7.5.-r1', '1.7.5.0-r1'],
    ['10.2.24-r0', '10.2.24.r0'],
    ['10.2.24.r0', '10.2.24.1-r0'],
  ])('%s is older than %s', (older, newer) => {
    expect([compareApk(older, newer), compareApk(newer, older)]).toEqual([-1, 1]);
  });

  it('a later number with a leading zero is a fraction, the first number and a revision are not', () => {
    expect(compareApk('8.2.0015', '8.2.002')).toBe(-1);
    expect(compareApk('1.05', '1.5')).toBe(-1);
    expect(compareApk('1.1', '1.05')).toBe(1);
    expect(compareApk('01.5', '1.5')).toBe(0);
    expect(compareApk('1.5-r01', '1.5-r1')).toBe(0);
    expect(compareApk('1.5p01', '1.5p1')).toBe(0);
  });

  it('numbers beyond 2^53 are exact', () => {
    expect(compareApk('1.2_git99999999999999999998', '1.2_git99999999999999999999')).toBe(-1);
  });

  it.each([
    '',
    '1.0bc',
    '0.1a.1',
    '0.1ab1',
    '0.1_foobar',
    '0.1-r2-r3',
    '.1',
    'a',
    '0.1-r',
    '0.1_',
    '1.0-1',
    '1:1.0-r0',
    '1.0_p1~',
  ])('%j is not a version, and has no order', (text) => {
    expect(parseApkVersion(text)).toBeUndefined();
    expect(compareApk(text, '1.0-r0')).toBeUndefined();
    expect(compareApk('1.0-r0', text)).toBeUndefined();
  });

  it('is a total order', () => {
    const sign = (a: string, b: string) => compareApk(a, b)!;
    fc.assert(
      fc.property(apkVersion, apkVersion, apkVersion, (a, b, c) => {
        expect(sign(a, a)).toBe(0);
        expect(sign(a, b) + sign(b, a)).toBe(0);
        if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

interface RangeSuite {
  tests: {
    test_type: string;
    input: { versions: [string, string] };
    expected_output: boolean | [string, string];
  }[];
}

it.skipIf(!hasData('interchange2', 'vers'))('is that of the specification of version ranges, for apk', () => {
  const file = dataPath('interchange2/vers/tests/alpine_version_cmp_test.json');
  const { tests } = JSON.parse(readFileSync(file, 'utf8')) as RangeSuite;
  const wrong = tests.filter(({ input: { versions }, expected_output: expected }) =>
    typeof expected === 'boolean'
      ? (compareApk(...versions) === 0) !== expected
      : !(compareApk(...expected)! <= 0),
  );
  expect({ tests: tests.length, wrong }).toEqual({ tests: 716, wrong: [] });
});
