import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fuzzTarget } from './harness.ts';

const settings = {
  table: join(import.meta.dirname, 'support/broken-targets.ts'),
  seed: 1,
  from: 0,
  cases: 8,
  time: 60_000,
  deadline: 4000,
  maxGrowth: 2 ** 27,
};

/** What it does not find where it is, it would not find anywhere. */
describe('the harness finds', () => {
  it.each([
    ['internal', /internal error: TypeError: x is not a function/],
    ['hang', /hangs: no result after 4000 ms/],
    ['never', /hangs: no result after 4000 ms/],
    ['emptied', /the process died/],
    ['growth', /memory grew by \d{3} MB/],
    ['exit', /the process died \(3\)/],
    ['shorter', /2 rows of 3, without a word/],
  ])('%s, at its case, and goes on behind it', { timeout: 60_000 }, async (target, problem) => {
    const { cases, findings } = await fuzzTarget(target, settings);

    expect(findings[0]).toMatchObject({ target, name: '4', problem: expect.stringMatching(problem) });
    expect(cases).toBeGreaterThanOrEqual(8);
  });

  it('nothing in what refuses an input', { timeout: 60_000 }, async () => {
    expect(await fuzzTarget('sound', settings)).toEqual({ cases: 8, findings: [] });
  });
});
