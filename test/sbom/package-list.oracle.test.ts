import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readInventory } from '../../src/inventory/index.ts';
import type { InstalledPackage } from '../../src/model/inventory/index.ts';
import { readSbom } from '../../src/sbom/index.ts';
import { listForms } from '../../src/sbom/list-forms.ts';
import { dataPath, hasData } from '../support/data.ts';
import { folderLayer, memoryView } from '../support/memory-view.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const dpkgStatus = '/var/lib/dpkg/status';
const maxListBytes = 1 << 26;

/** Packages as this command lists them. */
function listed(command: string, args: readonly string[]): readonly InstalledPackage[] {
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  const text = execFileSync(command, args, {
    maxBuffer: maxListBytes,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return readSbom(text, 'list').inventory.packages;
}

/** The format of the command that a reader advises. */
function advised(type: 'deb' | 'rpm'): string {
  return /'(.*)'/.exec(listForms.find((form) => form.type === type)!.whole)![1]!;
}

const fields = ({ name, version, arch }: InstalledPackage) => `${name} ${version} ${arch}`;
const whole = (pkg: InstalledPackage) => `${fields(pkg)} ${pkg.source.name} ${pkg.source.version}`;

describe.skipIf(!hasOracle('dpkg', 'dpkg-query') || !existsSync(dpkgStatus))('lists by dpkg', () => {
  let packages: readonly InstalledPackage[] = [];
  beforeAll(() => {
    packages = readInventory(memoryView({ [dpkgStatus]: readFileSync(dpkgStatus) })).packages;
  });

  it('have the packages of its database', () => {
    expect(listed('dpkg', ['--no-pager', '-l']).map(fields).sort()).toEqual(packages.map(fields).sort());
  });

  it('have their sources too, by the command that is advised', () => {
    const found = listed('dpkg-query', ['-W', `-f=${advised('deb')}`]);
    expect(found.map(whole).sort()).toEqual(packages.map(whole).sort());
  });
});

describe.skipIf(!hasOracle('rpm') || !hasData('rpm'))('lists by rpm', () => {
  // rpm writes into the folder of a database that it reads.
  const folder = temporaryFolder();
  let packages: readonly InstalledPackage[] = [];
  beforeAll(() => {
    cpSync(dataPath('rpm', 'hist-sqlite-a'), folder, { recursive: true });
    packages = readInventory(memoryView(folderLayer(folder, '/var/lib/rpm'))).packages;
  });
  const query = (...args: string[]) =>
    listed('rpm', ['--dbpath', folder, '--nosignature', '--nodigest', '-qa', ...args]);
  const withoutEpoch = (pkg: InstalledPackage) => fields(pkg).replace(/ \d+:/, ' ');

  it('have the packages of its database', () => {
    expect(query().map(withoutEpoch).sort()).toEqual(packages.map(withoutEpoch).sort());
    expect(query('--qf', '%{NEVRA}\\n').map(fields).sort()).toEqual(packages.map(fields).sort());
  });

  it('have their sources too, by the command that is advised', () => {
    const shown = (pkg: InstalledPackage) => whole({ ...pkg, version: pkg.version.replace(/^0:/, '') });
    expect(query('--qf', advised('rpm')).map(whole).sort()).toEqual(packages.map(shown).sort());
  });
});
