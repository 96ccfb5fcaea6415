import { describe, expect, it } from 'vitest';
import { type FlawCounts, imageStateOf, knownCounts } from '../../../src/model/fleet/index.ts';

const flaws = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 };
const counts: FlawCounts = { flaws, exploited: 0, fixable: 0, uncovered: 0, judged: 9, waived: 0 };
type Known = Parameters<typeof imageStateOf>[0];
const judged: Known = {
  digest: 'sha256:0',
  platform: 'debian-12',
  counts,
  unread: null,
  uncovered: null,
  gaps: [],
  unjudged: 0,
  halfInstalled: 0,
};
const reason = { code: 'IMAGE_UNREADABLE', message: '' };

describe('the state of an image', () => {
  it.each<[string, Partial<Known>]>([
    ['judged', {}],
    ['unread', { unread: reason }],
    ['waiting', { digest: null }],
    ['waiting', { counts: null }],
    ['uncovered', { uncovered: reason }],
    ['uncovered', { counts: { ...counts, judged: 0, uncovered: 1 } }],
    ['partly', { counts: { ...counts, uncovered: 1 } }],
    ['partly', { gaps: [{ code: 'end_of_life', detail: '' }] }],
    ['partly', { unjudged: 1 }],
    ['partly', { halfInstalled: 1 }],
  ])('%s: %j', (state, change) => {
    expect(imageStateOf({ ...judged, ...change })).toBe(state);
  });
});

it('an image of which nothing was judged has no number of flaws, and not zero', () => {
  expect(knownCounts({ platform: 'debian-12', counts: { ...counts, judged: 0, uncovered: 3 } })).toBeNull();
  expect(knownCounts({ platform: null, counts })).toBeNull();
  expect(knownCounts({ platform: 'debian-12', counts })).toBe(counts);
});
