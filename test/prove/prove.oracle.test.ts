import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasData } from '../support/data.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { rpmDatabaseMaker } from './compare.ts';
import { prove } from './main.ts';

/** A small share of what `npm run prove` compares. */
const small = { packages: 80, flawsPerPackage: 10 };

/** Pairs of each rebuild of RHEL, four trials with every major: three records of one program, which is proved by all of them. */
const rebuild = 3000;

/** Of one whose trials differ from theirs by names alone: two trials. */
const few = 1500;

describe.skipIf(!hasOracle('oscap'))('the runtime and oscap agree on dpkg and apk systems', () => {
  test.each(['alpine', 'debian', 'ubuntu', 'ubuntu-manifest'])('%s', async (platform) => {
    const found = await prove(platform, 3000, small);

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
      ['amazon', 0.7, 6000],
      ['amazon-manifest', 0.99, 6000],
      ['anolis', 0.7, few],
      ['anolis-manifest', 0.99, few],
      ['azure', 0.7, 6000],
      ['azure-manifest', 0.99, 6000],
      ['fedora', 0.7, rebuild],
      ['fedora-manifest', 0.99, rebuild],
      ['oracle', 0.7, rebuild],
      ['oracle-manifest', 0.99, rebuild],
      ['photon', 0.7, few],
      ['photon-manifest', 0.99, few],
      ['rocky', 0.7, rebuild],
      ['rocky-manifest', 0.99, rebuild],
      ['suse', 0.7, 6000],
      ['suse-manifest', 0.9, 6000],
      ['rhel', 0.8, 6000],
      ['rhel-manifest', 0.99, 6000],
    ] as const)('streams, modules, sources, keys: %s', async (platform, share, pairs) => {
      const found = await prove(platform, pairs, small);

      expect(found.unexplained).toEqual([]);
      expect(found.equal).toBeGreaterThan(found.compared * share);
    });
  },
);
