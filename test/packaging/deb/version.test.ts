import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareDpkg, parseDpkgVersion } from '../../../src/packaging/deb/version.ts';
import { dpkgVersion } from '../arbitraries.ts';

describe('order', () => {
  test.each([
    ['a release candidate is older', '1.0~rc1', '<', '1.0'],
    ['a tilde sorts even before the end', '1.0~', '<', '1.0'],
    ['two tildes before one', '1.0~~', '<', '1.0~'],
    ['a binary rebuild before a stable update', '1.0-1+b1', '<', '1.0-1+deb12u1'],
    ['a rebuild is newer than its source', '1.0-1', '<', '1.0-1+b1'],
    ['a backport to the older release is older', '1.0-1~deb11u1', '<', '1.0-1'],
    ['a backport sorts above every fix of the release it is for', '1.0-1+deb12u9', '<', '1.1-1~bpo12+1'],
    ['numbers, not text', '1.0-1+deb12u1', '<', '1.0-1+deb12u10'],
    ['numbers, not text', '1ubuntu2.3', '<', '1ubuntu2.24'],
    ['~esm before its base, +esm after', '1.0-1ubuntu0.1~esm1', '<', '1.0-1ubuntu0.1'],
    ['~esm before its base, +esm after', '1.0-1ubuntu0.1', '<', '1.0-1ubuntu0.1+esm1'],
    ['letters before other signs', '1.0a', '<', '1.0+'],
    ['upper case before lower case', '1.0A', '<', '1.0a'],
    ['leading zeros do not count', '09', '=', '9'],
    ['an empty number is zero', '1.0.', '=', '1.0.0'],
    ['no revision is revision 0', '1.0', '=', '1.0-0'],
    ['no epoch is epoch 0', '1.0-1', '=', '0:1.0-1'],
    ['the epoch decides first', '2.0', '<', '1:0.9'],
    ['a longer revision is newer', '6.0-1', '<', '6.0-1.1'],
    ['+really is text like any other', '1.0-1', '<', '1.0-2+really0.9-1'],
    ['the last dash starts the revision', '1.0-3', '<', '1.0-2-1'],
    ['a number beyond 2^53', '1.9007199254740992', '<', '1.9007199254740993'],
    ['letters sort below + (a rebuild hides no fix)', '1.0-1etch1', '<', '1.0-1+b1'],
  ])('%s: %s %s %s', (_, a, sign, b) => {
    const expected = sign === '=' ? 0 : -1;

    expect(compareDpkg(a, b)).toBe(expected);
    expect(compareDpkg(b, a)).toBe(expected === 0 ? 0 : 1);
  });
});

describe('what is no version is neither equal nor newer', () => {
  test.each([
    '',
    ' ',
    '<unfixed>',
    '1.0 ',
    ' 1.0',
    '1.0\n',
    '1 0',
    'abc',
    ':1.0',
    '0:',
    '-1:0-1',
    'a:0-0',
    '2147483648:1',
    '1.0-',
    '-0',
    '0:-0',
    '0:0-0:0',
    '1.0-ä',
    '1.0/2',
  ])('%j', (text) => {
    expect(parseDpkgVersion(text)).toBeUndefined();
    expect(compareDpkg(text, '1')).toBeUndefined();
    expect(compareDpkg('1', text)).toBeUndefined();
    expect(compareDpkg(text, text)).toBeUndefined();
  });
});

test('a version is split at its first colon and its last dash', () => {
  expect(parseDpkgVersion('2:1:2-3-4')).toEqual({ epoch: 2, upstream: '1:2-3', revision: '4' });
  expect(parseDpkgVersion('1.0')).toEqual({ epoch: 0, upstream: '1.0', revision: '' });
});

describe('laws', () => {
  test('every pair of versions has an order, and its mirror image', () => {
    fc.assert(
      fc.property(dpkgVersion, dpkgVersion, (a, b) => {
        const order = compareDpkg(a, b);
        expect(order).toBeDefined();
        expect(compareDpkg(b, a)).toBe(order === 0 ? 0 : -order!);
      }),
      { numRuns: 5000 },
    );
  });

  test('transitive, equality included', () => {
    fc.assert(
      fc.property(dpkgVersion, dpkgVersion, dpkgVersion, (a, b, c) => {
        const [x, y, z] = [a, b, c].sort((p, q) => compareDpkg(p, q)!) as [string, string, string];
        expect(compareDpkg(x, z)).toBe(Math.max(-1, compareDpkg(x, y)! + compareDpkg(y, z)!));
      }),
      { numRuns: 5000 },
    );
  });

  test('total over any text: an answer or undefined, never an exception', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => void compareDpkg(a, b)));
  });
});

test('a version of a megabyte is compared in linear time', () => {
  const long = `1${'.0'.repeat(500_000)}`;

  expect(compareDpkg(long, `${long}.1`)).toBe(-1);
  expect(compareDpkg(`1${'-'.repeat(1_000_000)}`, '1')).toBeUndefined();
});
