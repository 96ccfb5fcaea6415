import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareRpmEvr, parseRpmEvr, rpmvercmp } from '../../../src/packaging/rpm/version.ts';
import { rpmEvr } from '../arbitraries.ts';

describe('order', () => {
  test.each([
    ['a pre-release is older', '1.0~rc1-1', '<', '1.0-1'],
    ['a tilde sorts before the end', '1.0~', '<', '1.0'],
    ['a snapshot after a release is newer', '1.0-1', '<', '1.0^20240101-1'],
    ['a caret sorts before a further segment', '1.0^git1-1', '<', '1.0.1-1'],
    ['a tilde before a caret', '1.0~rc1^git1', '<', '1.0^git1'],
    ['letters before numbers', '1.a', '<', '1.1'],
    ['numbers, not text', '1.9-1.el9', '<', '1.10-1.el9'],
    ['signs only separate', '1.0_1', '=', '1.0.1'],
    ['signs only separate', '1.0a', '=', '1.0.a'],
    ['leading zeros do not count', '1.01-1', '=', '1.1-01'],
    ['no epoch is epoch 0', '1.0-1', '=', '0:1.0-1'],
    ['the epoch decides first', '9.9-9', '<', '1:0.1-1'],
    ['CVE-2024-28834: GA build without minor before the stream build', '3.8.3-4.el9', '<', '3.8.3-4.el9_4'],
    ['el9_3.4 before el9_4', '3.7.6-23.el9_3.4', '<', '3.7.6-23.el9_4'],
    ['minor 9.10 after 9.9', '1-1.el9_9', '<', '1-1.el9_10'],
    ['no release before any release', '1.0', '<', '1.0-0'],
    ['a number beyond 2^53', '1.9007199254740992', '<', '1.9007199254740993'],
    ['an epoch beyond 2^32', '1:1', '<', '99999999999:1'],
    ['rpm dashes in a version split at the last', '1-2-3', '<', '1-2-4'],
  ])('%s: %s %s %s', (_, a, sign, b) => {
    const expected = sign === '=' ? 0 : -1;

    expect(compareRpmEvr(a, b)).toBe(expected);
    expect(compareRpmEvr(b, a)).toBe(expected === 0 ? 0 : 1);
  });
});

describe('what is no EVR is neither equal nor newer', () => {
  test.each([
    '',
    ' ',
    '-',
    '1-',
    '-1',
    'a:1-1',
    '1:',
    ':',
    '1 0',
    '1.0\n',
    '1.1.α',
    '1:2:3',
    '<1',
    '(none)',
    '_',
  ])('%j', (text) => {
    expect(parseRpmEvr(text)).toBeUndefined();
    expect(compareRpmEvr(text, '1')).toBeUndefined();
    expect(compareRpmEvr('1', text)).toBeUndefined();
    expect(compareRpmEvr(text, text)).toBeUndefined();
  });
});

describe('laws', () => {
  test('every pair of EVRs has an order, and its mirror image', () => {
    fc.assert(
      fc.property(rpmEvr, rpmEvr, (a, b) => {
        const order = compareRpmEvr(a, b);
        expect(order).toBeDefined();
        expect(compareRpmEvr(b, a)).toBe(order === 0 ? 0 : -order!);
      }),
      { numRuns: 5000 },
    );
  });

  test('transitive, equality included', () => {
    fc.assert(
      fc.property(rpmEvr, rpmEvr, rpmEvr, (a, b, c) => {
        const [x, y, z] = [a, b, c].sort((p, q) => compareRpmEvr(p, q)!) as [string, string, string];
        expect(compareRpmEvr(x, z)).toBe(Math.max(-1, compareRpmEvr(x, y)! + compareRpmEvr(y, z)!));
      }),
      { numRuns: 5000 },
    );
  });

  test('total over any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        void compareRpmEvr(a, b);
        expect([-1, 0, 1]).toContain(rpmvercmp(a, b));
      }),
    );
  });
});

test('a version of a megabyte is compared in linear time', () => {
  const long = `1${'.0'.repeat(500_000)}`;

  expect(compareRpmEvr(long, `${long}.1`)).toBe(-1);
});
