import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../../src/model/index.ts';

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
