import { expect, test } from 'vitest';
import { shrinkages } from '../../src/feed/shrinkage.ts';
import type { FeedInput, FeedSource } from '../../src/model/feed/index.ts';

const list = 'https://vendor.test/list.csv';
const input = (size: number, url = list): FeedInput => ({
  id: url.includes('list') ? 'list' : 'other',
  source: 'vendor',
  url,
  sha256: '0'.repeat(64),
  size,
});
const source = (records: number, failed?: string): FeedSource => ({
  id: 'vendor',
  name: 'Vendor',
  licence: 'none',
  attribution: 'none',
  records,
  used: records,
  dropped: 0,
  ...(failed && { failed }),
  findings: [],
});
const feed = (sources: FeedSource[], ...inputs: FeedInput[]) => ({ sources, inputs });

test.each([
  [
    'half of the bytes and a byte are gone',
    feed([], input(200_000)),
    feed([], input(99_999)),
    ['list bytes'],
  ],
  ['half of the bytes are gone', feed([], input(200_000)), feed([], input(100_000)), []],
  ['a small document shrank to nothing', feed([], input(99_999)), feed([], input(0)), []],
  [
    'a document came in another packing',
    feed([], input(2e6, `${list}.gz`)),
    feed([], input(1e5, `${list}.xz`)),
    [],
  ],
  [
    'the set of changed documents was emptied by a new archive',
    feed([], input(2e6, 'https://vendor.test/set/')),
    feed([], input(0, 'https://vendor.test/set/')),
    [],
  ],
  ['an input is new, another gone', feed([], input(2e6)), feed([], input(1, 'https://vendor.test/new')), []],
  ['most records are gone', feed([source(200)]), feed([source(99)]), ['vendor records']],
  ['a source could not be read at all', feed([source(200)]), feed([source(0, 'FETCH_FAILED')]), []],
  ['a small source lost all', feed([source(199)]), feed([source(0)]), []],
])('%s', (_, before, now, expected) => {
  expect(shrinkages(before, now).map(({ of, unit }) => `${of} ${unit}`)).toEqual(expected);
});
