import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readInventory } from '../../src/inventory/index.ts';
import { dataPath, hasData } from '../support/data.ts';
import { debianRoot } from '../support/debian-images.ts';
import { dirView } from '../support/dir-view.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { compareTrial, rpmDatabaseMaker } from './compare.ts';
import { debianRootTrial, rhelListTrial, ubuntuListTrial } from './real-trials.ts';

const maker = hasData('rpm-lists') && existsSync(rpmDatabaseMaker);

describe.skipIf(!hasOracle('oscap', 'mmdebstrap') || !isRoot() || !maker)('real Debian images', () => {
  test.each([
    ['bullseye', 'release', '11'],
    ['bookworm', 'current', '12'],
    ['trixie', 'current', '13'],
  ] as const)('%s %s', async (suite, pocket, release) => {
    const root = debianRoot(suite, pocket);
    const trial = debianRootTrial(root, release, readInventory(dirView(root)));
    const found = await compareTrial(trial);

    expect(found.unexplained).toEqual([]);
    // Five flaws a source in two files, some sixty sources.
    expect(found.compared).toBeGreaterThan(500);
    expect(found.equal + (found.explained.get('other_origin') ?? 0)).toBe(found.compared);
  });
});

describe.skipIf(!hasOracle('oscap') || !hasData('expected-inventory'))('lists of Ubuntu images', () => {
  test.each([
    ['ubuntu-jammy.tsv', '22.04'],
    ['ubuntu-noble.tsv', '24.04'],
    ['ubuntu-bionic-texlive.tsv', '18.04'],
  ])('%s', async (list, version) => {
    const found = await compareTrial(ubuntuListTrial(dataPath('expected-inventory', list), version));

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(500);
  });
});

describe.skipIf(!hasOracle('oscap', 'python3', 'rpm') || !isRoot() || !maker)(
  'a list of packages of RHEL',
  () => {
    test.each([
      ['of UBI 8', 'UBI8s390x.json', '8', 4],
      ['of a rebuild with modules, as Red Hat would have signed it', 'CentOS8Modularitylabel.json', '8', 2],
    ])('%s', async (_, list, major, minor) => {
      const found = await compareTrial(rhelListTrial(dataPath('rpm-lists', list), major, minor));

      expect(found.unexplained).toEqual([]);
      expect(found.equal).toBeGreaterThan(500);
    });
  },
);
