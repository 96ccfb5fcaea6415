import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fuzzTarget, fuzzTargets } from './harness.ts';

const settings = {
  table: join(import.meta.dirname, 'support/broken-targets.ts'),
  seed: 1,
  from: 0,
  cases: 8,
  time: 60_000,
  deadline: 30_000,
  maxGrowth: 2 ** 27,
};

/** Proves that the harness finds faults where there are some. */
describe('the harness finds', () => {
  it.each([
    ['internal', /internal error: TypeError: x is not a function/],
    ['emptied', /the process died/],
    ['growth', /memory grew by \d{3} MB/],
    ['exit', /the process died \(3\)/],
    ['shorter', /2 rows of 3, without a word/],
  ])('%s, at its case, and goes on behind it', { timeout: 60_000 }, async (target, problem) => {
    const { cases, findings } = await fuzzTarget(target, settings);

    expect(findings[0]).toMatchObject({ target, name: '4', problem: expect.stringMatching(problem) });
    expect(cases).toBeGreaterThanOrEqual(8);
  });

  // Every other case is done at once, even where the machine is busy.
  it.each(['hang', 'never'])(
    '%s, at its case, and goes on behind it',
    { timeout: 60_000 },
    async (target) => {
      const { cases, findings } = await fuzzTarget(target, { ...settings, deadline: 5000 });

      expect(findings[0]).toMatchObject({ target, name: '4', problem: 'hangs: no result after 5000 ms' });
      expect(cases).toBeGreaterThanOrEqual(8);
    },
  );

  it('the same where targets share a process, and goes on with the next one', {
    timeout: 60_000,
  }, async () => {
    const names = ['growth', 'sound', 'exit', 'shorter'];
    const outcomes = [...(await fuzzTargets(names, settings))];

    expect(outcomes.map(([name, { findings }]) => [name, findings[0]?.name, findings[0]?.problem])).toEqual([
      ['growth', '4', expect.stringMatching(/memory grew by \d{3} MB/)],
      ['sound', undefined, undefined],
      ['exit', '4', expect.stringMatching(/the process died \(3\)/)],
      ['shorter', '4', expect.stringMatching(/2 rows of 3, without a word/)],
    ]);
    for (const [, { cases }] of outcomes) expect(cases).toBeGreaterThanOrEqual(8);
  });

  it('nothing in what refuses an input', { timeout: 60_000 }, async () => {
    expect(await fuzzTarget('sound', settings)).toEqual({ cases: 8, findings: [] });
  });
});
