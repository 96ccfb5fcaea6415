import { describe, expect, it } from 'vitest';
import { didYouMean, feedPlatformList, nearest, platformList } from '../../src/model/nearest.ts';

describe('the nearest word', () => {
  it.each([
    ['scna', 'scan'],
    ['biuld', 'build'],
    ['explian', 'explain'],
    ['x', undefined],
    ['publish', undefined],
  ])('%s: %s', (word, near) => {
    expect(nearest(word, ['build', 'scan', 'explain', 'feeds'])).toBe(near);
  });
});

it('what to do about a word that is not known', () => {
  expect(didYouMean('scna', ['build', 'scan'])).toBe('did you mean scan?');
  expect(didYouMean('x', ['build', 'scan'])).toBe('use one of build, scan');
});

describe('a list of platforms', () => {
  it('is sorted by number', () => {
    expect(platformList(['debian-11', 'debian-7', 'debian-12'])).toBe('debian-7, debian-11, debian-12');
  });

  it('is whole up to twelve, then cut', () => {
    const ids = Array.from({ length: 59 }, (_, at) => `rhel-${59 - at}`);
    const twelve = ids.slice(-12).reverse().join(', ');
    expect(platformList(ids.slice(-12))).toBe(twelve);
    expect(platformList(ids)).toBe(`${twelve} and 47 more`);
    expect(feedPlatformList(ids)).toBe(`${twelve} and 47 more (\`scapfeed feeds\` lists them)`);
  });
});
