import { expect, it } from 'vitest';
import { parseScores } from '../../src/enrichment/epss.ts';

it('a row of millions of fields is refused before it is split', () => {
  const before = process.memoryUsage().heapUsed;
  const row = ','.repeat(20_000_000);
  const { scores, refused } = parseScores(`cve,epss,percentile\nCVE-2024-0001,0.5,0.9\n${row}\n`, 'x');

  expect([scores.length, refused.length]).toEqual([1, 1]);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
});
