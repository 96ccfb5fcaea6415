import { describe, expect, it } from 'vitest';
import { compareAlpm, parseAlpmVersion } from '../../../src/packaging/alpm/version.ts';

describe("pacman's order of versions", () => {
  it.each([
    // vercmp(8)
    ['letters', '1.0a 1.0b 1.0beta 1.0p 1.0pre 1.0rc 1.0 1.0.a 1.0.1'],
    ['numbers', '1 1.0 1.1 1.1.1 1.2 2.0 3.0.0'],
    ['epochs', '2.0-9 1:0.1-1 2:0-1 10:0-1'],
    ['releases', '1.0-1 1.0-1.1 1.0-2 1.0-10'],
    ['long numbers', '99999999999999999998 99999999999999999999 100000000000000000000'],
    ['more separators', '1.0 1..0 1...0'],
  ])('%s', (_, versions) => {
    const rising = versions.split(' ');
    for (const [at, a] of rising.entries())
      for (const [place, b] of rising.entries())
        expect(compareAlpm(a, b), `${a} ${b}`).toBe(Math.sign(at - place));
  });

  it('a version without a release equals each of its releases', () => {
    expect(['1.0-1', '1.0-2', '0:1.0-3', '01.0'].map((each) => compareAlpm('1.0', each))).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it.each(['', '-', '1.0-', '1-1-1', '1.0 -1', '1/2', 'a:b:c', 'a:1', '1.0\n', 'é', 'x'.repeat(256)])(
    '%j is no version',
    (text) => {
      expect(parseAlpmVersion(text)).toBeUndefined();
      expect(compareAlpm('1', text)).toBeUndefined();
    },
  );
});
