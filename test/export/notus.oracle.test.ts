import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rpmDatabaseMaker } from '../prove/compare.ts';
import { almaTrial, rockyTrial } from '../prove/errata-trials.ts';
import { suseListTrial } from '../prove/real-trials.ts';
import { rosterOf } from '../prove-exports/main.ts';
import { notusJudge } from '../prove-exports/notus.ts';
import { proveTrial } from '../prove-exports/prove-trial.ts';
import { realDebian } from '../prove-exports/real-debian.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasNotus, hasOracle, isRoot } from '../support/oracles.ts';

const size = { packages: 150, flawsPerPackage: 12 };

const maker = hasData('rpm-lists') && existsSync(rpmDatabaseMaker) && hasOracle('python3', 'rpm');

test.skipIf(!hasNotus() || !hasOracle('mmdebstrap') || !isRoot())(
  "Greenbone's loader and comparison find what scan finds, where there is a fix",
  async () => {
    const { trial, inventory } = realDebian();
    const found = await proveTrial(
      { ...trial, data: { roster: rosterOf(inventory) } },
      notusJudge('Debian 12'),
    );

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(150);
    expect([...found.explained.keys()].sort()).toEqual(['binary_version', 'without_fix']);
  },
);

describe.skipIf(!hasNotus() || !maker)('by binary and architecture they find what scan finds', () => {
  test('on the packages of a real base image of SLES 15, where there is a fix', async () => {
    const trial = suseListTrial(dataPath('rpm-lists/SLE15WithNDB.json'), '15.3');
    const found = await proveTrial(trial, notusJudge('SUSE Linux Enterprise Server 15-SP3'));

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(60);
    expect([...found.explained.keys()]).toEqual(['without_fix']);
  });

  test.each([
    ['AlmaLinux', almaTrial],
    ['Rocky Linux', rockyTrial],
  ])('on random systems of %s, without modules and epochs', async (name, trialOf) => {
    const trial = trialOf(1, size);
    const found = await proveTrial(trial, notusJudge(`${name} ${trial.platform.os.version}`));

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(300);
    const causes = ['foreign_vendor', 'module_build', 'no_epoch'];
    expect([...found.explained.keys()].filter((cause) => cause !== 'notus_order').sort()).toEqual(causes);
  });
});
