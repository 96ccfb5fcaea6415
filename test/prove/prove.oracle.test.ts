import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasData } from '../support/data.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { shareOf } from '../support/trials.ts';
import { rpmDatabaseMaker } from './compare.ts';
import { prove } from './main.ts';

/** A small share of what `npm run prove` compares. */
const small = { packages: 80, flawsPerPackage: 10 };

/** Trials of each rebuild of RHEL, with every major: three records of one program, which is proved by all of them. */
const rebuild = 4;

/** A quarter of a platform's trials; SCAPFEED_TRIALS=all: all of them. */
async function proveShare(platform: string, trials: number) {
  const seeds = shareOf(trials, Math.ceil(trials / 4)).map((at) => at + 1);
  const found = await prove(platform, Number.POSITIVE_INFINITY, small, seeds);
  expect(found.trials).toBeGreaterThan(0);
  return found;
}

/** Of one whose trials differ from theirs by names alone: two trials. */
const few = 2;

describe.skipIf(!hasOracle('oscap'))('the runtime and oscap agree on dpkg and apk systems', () => {
  test.each(['alpine', 'debian', 'ubuntu', 'ubuntu-manifest'])('%s', async (platform) => {
    const found = await proveShare(platform, 2);

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(found.compared * 0.9);
  });
});

// rpminfo changes its root, which root alone may do.
const canMakeDatabases = hasData('rpm') && existsSync(rpmDatabaseMaker);

describe.skipIf(!hasOracle('oscap', 'python3', 'rpm') || !canMakeDatabases || !isRoot())(
  'the runtime and oscap agree on RHEL, its rebuilds, SUSE and other systems of rpm packages',
  () => {
    test.each([
      ['almalinux', 0.7, rebuild],
      ['almalinux-manifest', 0.99, rebuild],
      ['amazon', 0.7, 8],
      ['amazon-manifest', 0.99, 8],
      ['anolis', 0.7, few],
      ['anolis-manifest', 0.99, few],
      ['azure', 0.7, 8],
      ['azure-manifest', 0.99, 8],
      ['fedora', 0.7, rebuild],
      ['fedora-manifest', 0.99, rebuild],
      ['hummingbird', 0.7, few],
      ['hummingbird-manifest', 0.9, few],
      ['oracle', 0.7, rebuild],
      ['oracle-manifest', 0.99, rebuild],
      ['photon', 0.7, few],
      ['photon-manifest', 0.99, few],
      ['rocky', 0.7, rebuild],
      ['rocky-manifest', 0.99, rebuild],
      ['suse', 0.7, 8],
      ['suse-manifest', 0.9, 8],
      ['rhel', 0.8, 4],
      ['rhel-manifest', 0.99, 4],
    ] as const)('streams, modules, sources, keys: %s', async (platform, share, trials) => {
      const found = await proveShare(platform, trials);

      expect(found.unexplained).toEqual([]);
      expect(found.equal).toBeGreaterThan(found.compared * share);
    });
  },
);
