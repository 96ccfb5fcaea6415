import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasData } from '../support/data.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { rpmDatabaseMaker } from './compare.ts';
import { prove } from './main.ts';

/** A small share of what `npm run prove` compares. */
const small = { packages: 80, flawsPerPackage: 10 };

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
  'the runtime and oscap agree on RHEL, its rebuilds, Amazon Linux and SUSE',
  () => {
    test.each([
      ['almalinux', 0.7],
      ['almalinux-manifest', 0.99],
      ['amazon', 0.7],
      ['amazon-manifest', 0.99],
      ['oracle', 0.7],
      ['oracle-manifest', 0.99],
      ['rocky', 0.7],
      ['rocky-manifest', 0.99],
      ['suse', 0.7],
      ['suse-manifest', 0.9],
      ['rhel', 0.8],
      ['rhel-manifest', 0.99],
    ] as const)('streams, modules, sources, keys: %s', async (platform, share) => {
      const found = await prove(platform, 6000, small);

      expect(found.unexplained).toEqual([]);
      expect(found.equal).toBeGreaterThan(found.compared * share);
    });
  },
);
