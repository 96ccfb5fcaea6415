import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allTrials } from '../support/trials.ts';
import { fuzzTarget } from './harness.ts';
import { allTargets, targets } from './targets/index.ts';

/** What was found before, and a quarter of a second of new cases of each target; `npm run fuzz` is the long form. */
describe('a share of the fuzzing', () => {
  it.each(Object.keys(targets))('%s', async (target) => {
    const outcome = await fuzzTarget(target, {
      table: join(import.meta.dirname, 'targets/index.ts'),
      seed: 1,
      from: 0,
      cases: 100_000,
      time: allTrials ? 600 : 250,
      deadline: 30_000,
      maxGrowth: 2 ** 29,
    });

    expect(outcome.findings.map(({ name, problem }) => `case ${name}: ${problem}`)).toEqual([]);
    expect(outcome.cases).toBeGreaterThan(0);
  });

  it('has every target in the table', async () => {
    const names = (await allTargets()).map(({ name }) => name);
    expect(Object.keys(targets).sort()).toEqual(names.sort());
  });
});
