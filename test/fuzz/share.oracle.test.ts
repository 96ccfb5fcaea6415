import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allTrials } from '../support/trials.ts';
import { type FuzzSettings, fuzzTargets, type TargetOutcome } from './harness.ts';
import { allTargets, targets } from './targets/index.ts';

/** Targets of one file share a process, which begins with the first of them. */
const groups = Map.groupBy(Object.keys(targets), (target) => targets[target]!);
const outcomes = new Map<string, Promise<ReadonlyMap<string, TargetOutcome>>>();

function outcomesWith(target: string): Promise<ReadonlyMap<string, TargetOutcome>> {
  const group = groups.get(targets[target]!)!;
  const key = group[0]!;
  const known = outcomes.get(key) ?? fuzzTargets(group, settings);
  outcomes.set(key, known);
  return known;
}

const settings: FuzzSettings = {
  table: join(import.meta.dirname, 'targets/index.ts'),
  seed: 1,
  from: 0,
  cases: 100_000,
  time: allTrials ? 600 : 250,
  deadline: 30_000,
  maxGrowth: 2 ** 29,
};

/** All earlier findings, and a quarter of a second of new cases of each target; `npm run fuzz` is the long form. */
describe('a share of the fuzzing', () => {
  it.each(Object.keys(targets))('%s', async (target) => {
    const { cases, findings } = (await outcomesWith(target)).get(target)!;

    expect(findings.map(({ name, problem }) => `case ${name}: ${problem}`)).toEqual([]);
    expect(cases).toBeGreaterThan(0);
  });

  it('has every target in the table', async () => {
    const names = (await allTargets()).map(({ name }) => name);
    expect(Object.keys(targets).sort()).toEqual(names.sort());
  });
});
