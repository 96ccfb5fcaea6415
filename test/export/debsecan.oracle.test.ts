import { describe, expect, test } from 'vitest';
import { debianTrial } from '../prove/dpkg-trials.ts';
import { debsecanJudge } from '../prove-exports/debsecan.ts';
import { proveTrial } from '../prove-exports/prove-trial.ts';
import { realDebian } from '../prove-exports/real-debian.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';

const size = { packages: 150, flawsPerPackage: 12 };

describe.skipIf(!hasOracle('debsecan'))('real debsecan with our export finds what scan finds', () => {
  test('on random Debian systems', async () => {
    const found = await proveTrial(debianTrial(1, size), debsecanJudge('bookworm'));

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(500);
  });

  test.skipIf(!hasOracle('mmdebstrap') || !isRoot())('on a real Debian system', async () => {
    const { trial } = realDebian();
    const found = await proveTrial(trial, debsecanJudge('bookworm'));

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBe(found.compared);
    expect(found.compared).toBeGreaterThan(200);
  });
});
