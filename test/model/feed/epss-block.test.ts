import { expect, it } from 'vitest';
import { epssBlock, epssScores, epssUnit, probabilityIn } from '../../../src/model/feed/index.ts';

/** Every third or so of a thousand numbers, with probabilities of any size. */
const scores = Array.from({ length: 1000 }, (_, at) => at)
  .filter((at) => (at * 7919) % 3 === 0 || at > 990)
  .map((at) => [at, at === 999 ? epssUnit : (at * 104_729) % epssUnit] as const);

it('a block gives back each score, and none for the numbers between', () => {
  const block = epssBlock('CVE-2024-12', scores);
  const line = JSON.stringify(block);
  const known = new Map(scores);

  expect(epssScores(block)).toEqual(scores);
  for (let at = 0; at < 1000; at++)
    expect(probabilityIn(line, { block: 'CVE-2024-12', at }), `${at}`).toBe(known.get(at));
});

it('a block of one score has no other', () => {
  const line = JSON.stringify(epssBlock('CVE-1999-1', [[33, 7]]));
  const found = Array.from({ length: 1000 }, (_, at) => probabilityIn(line, { block: 'CVE-1999-1', at }));

  expect(found.findIndex((probability) => probability !== undefined)).toBe(33);
  expect(found.filter((probability) => probability !== undefined)).toEqual([7]);
});
