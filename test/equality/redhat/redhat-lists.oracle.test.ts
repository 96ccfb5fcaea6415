import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Collector } from '../../../src/feed/compile/index.ts';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import type { RpmPackage } from '../../prove/trial.ts';
import { hasData } from '../../support/data.ts';
import { hasOracle, isRoot } from '../../support/oracles.ts';
import { allTrials } from '../../support/trials.ts';
import { type Agreement, type BothOutputs, bothOutputs, compareRoot } from './both-ways.ts';
import { boundaryStatements } from './boundaries.ts';
import { asRhel, packageLists, releaseFor } from './package-lists.ts';
import { realDocuments } from './real-documents.ts';
import { rhelRoot } from './roots.ts';

const able =
  hasOracle('oscap', 'python3', 'rpm', 'xz') &&
  hasData('rpm-lists') &&
  hasData('expected-inventory') &&
  hasData('redhat', 'vex') &&
  existsSync(rpmDatabaseMaker) &&
  isRoot();

/** Lists like RHEL 7, 8, 9 and 10, with and without modules. SCAPFEED_TRIALS=all takes every list there is. */
const some = new Set([
  'CentOS7Plain.json',
  'CentOS8Modularitylabel.json',
  'httpd-24_9.5-1734525854.rpm-manifest.json',
  'ubi9_ubi.txtar 0',
  'Rockylinux9WithSQLite3.json',
]);

describe.skipIf(!able)('real package lists as RHEL: the index and oscap agree', () => {
  const lists = able ? packageLists().filter(({ name }) => allTrials || some.has(name)) : [];
  let documents: BothOutputs;
  beforeAll(async () => {
    documents = await bothOutputs(realDocuments());
  });

  test.each(lists)('$name', async (list) => {
    const release = releaseFor(list);
    const packages = asRhel(list.packages, release);
    const root = rhelRoot(release, packages, modulesOf(packages));
    const platform = `rhel-${release.major}`;
    const collector = new Collector('redhat');
    boundaryStatements(collector, packages, release);

    const boundaries = compareRoot(await bothOutputs(collector), platform, root);
    const real = compareRoot(documents, platform, root);
    if (allTrials) console.log(list.name, platform, packages.length, figures(boundaries), figures(real));
    expect(boundaries.unexplained).toEqual([]);
    expect(boundaries.listed).toEqual(new Map());
    expect(boundaries.affected).toBeGreaterThan(packages.length);
    expect(real.unexplained).toEqual([]);
  });
});

function modulesOf(packages: readonly RpmPackage[]): string[] {
  const labels = packages.flatMap(({ modularitylabel }) => modularitylabel ?? []);
  return [...new Set(labels.map((label) => label.split(':').slice(0, 2).join(':')))];
}

function figures({ compared, affected, listed }: Agreement): string {
  return JSON.stringify({ compared, affected, listed: [...listed] });
}
