import { describe, expect, it } from 'vitest';
import {
  ebuildRangeText,
  ebuildTerm,
  isAffectedBuild,
  parseEbuildRange,
} from '../../../src/packaging/ebuild/range.ts';
import { parseEbuildVersion } from '../../../src/packaging/ebuild/version.ts';

/** The builds that a range affects; `?`: it is not known. A build is `1.2-r1` or `1.2-r1:slot`. */
function affected(text: string, builds: string): string {
  const range = parseEbuildRange(text)!;
  return builds
    .split(' ')
    .flatMap((build) => {
      const [version = '', slot] = build.split(':');
      const known = { version: parseEbuildVersion(version)!, ...(slot !== undefined && { slot }) };
      const isAffected = isAffectedBuild(range, known);
      return isAffected === undefined ? `${build}?` : isAffected ? build : [];
    })
    .join(' ');
}

describe('a range of versions of an ebuild', () => {
  it.each([
    ['<1.2|!>=1.2', '1.1 1.2_rc1 1.2 1.2-r1 2', '1.1 1.2_rc1'],
    ['<=1.2', '1.1 1.2 1.2-r0 1.2-r1', '1.1 1.2 1.2-r0'],
    ['=1.2', '1.2 1.2-r1 1.20', '1.2'],
    ['>=1.2|!>1.4', '1.1 1.2 1.4 1.4-r1', '1.2 1.4'],
    // A fix that was carried back: revisions of that version alone.
    ['<2|!>=2|!~>=1.2-r3', '1.1-r9 1.2-r2 1.2-r3 1.2-r10 1.2.1 1.3 2', '1.1-r9 1.2-r2 1.2.1 1.3'],
    ['<2|!~>1.2-r3', '1.2-r3 1.2-r4', '1.2-r3'],
    ['~<=1.2-r3', '1.1 1.2 1.2-r3 1.2-r4', '1.2 1.2-r3'],
    ['~<1.2-r3', '1.1 1.2 1.2-r3', '1.2'],
    ['<8|!=7.3*', '7.2 7.3 7.3.1 7.30', '7.2 7.30'],
    // Each slot has a fix of its own.
    [
      '<3.8.2:3.8|<3.9.1:3.9|!>=3.8.2:3.8|!>=3.9.1:3.9',
      '3.8.1:3.8 3.8.2:3.8 3.9.0:3.9/3.9m 3.7:3.7',
      '3.8.1:3.8 3.9.0:3.9/3.9m',
    ],
    ['<2:0/1', '1:0/1 1:0/2 1:0 1:1', '1:0/1'],
    ['<2:1/1', '1:1 1:1/1 1:1/2', '1:1 1:1/1'],
    // Without its slot nobody knows, unless every slot says the same.
    ['<3.8.2:3.8|!>=3.8.2:3.8', '3.8.1 3.8.2', '3.8.1?'],
    ['<2|!>=1.5:5', '1.4 1.6 2', '1.4 1.6?'],
  ])('%s', (range, builds, expected) => {
    expect(affected(range, builds)).toBe(expected);
    expect(ebuildRangeText(parseEbuildRange(range)!)).toBe(range);
  });

  it.each(['', '1.2', '<', '<x', '<1.2*', '=1.2**', '<1:', '<1:a b', '<1|', '!!<1', '==1', '~=1', '<1.2:-x'])(
    '%j is none',
    (text) => {
      expect(parseEbuildRange(text)).toBeUndefined();
    },
  );

  it('a term of another form is none', () => {
    expect(ebuildTerm('>=', '1.2*', undefined)).toBeUndefined();
    expect(ebuildTerm('=', '1.2*', '3')).toMatchObject({ isPrefix: true, text: '1.2', slot: '3' });
  });
});
