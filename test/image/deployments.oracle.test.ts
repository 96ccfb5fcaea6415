import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { scapfeed } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { imageLayout, writeFiles } from './support/make-image.ts';
import { commitTree, run, writeTree } from './support/ostree.ts';

/** Databases of the deployments, the default's last. */
const databases = ['hist-sqlite-a', 'rpm-upstream-old', 'rpm-upstream'];

function commit(repo: string, database: string): void {
  const tree = temporaryFolder();
  writeTree(tree, { database, release: 'ID=fedora\nVERSION_ID=42\n' });
  commitTree(repo, tree);
}

function inventoryOf(reference: string): Inventory {
  const { out, err, code } = scapfeed(['inventory', reference, '-o', 'json']);
  expect(code, err).toBe(0);
  return JSON.parse(out) as Inventory;
}

const names = ({ packages }: Inventory) =>
  packages.map(({ name, version, arch }) => `${name}-${version.replace(/^\d+:/, '')}.${arch}`).sort();

/** Without its keys, which rpm lists too. */
function askRpm(folder: string, database = 'usr/lib/sysimage/rpm'): string[] {
  const listed = run('rpm', '--dbpath', join(folder, database), '-qa').trim().split('\n');
  return listed.filter((name) => !name.startsWith('gpg-pubkey-')).sort();
}

it.skipIf(!databases.every((name) => hasData(`rpm/${name}`)) || !hasOracle('ostree', 'rpm', 'tar'))(
  'ostree and rpm name the default deployment and its packages, on a disk, in its tar and in an image of its commit',
  () => {
    const disk = temporaryFolder();
    const repo = join(disk, 'ostree/repo');
    run('ostree', 'admin', 'init-fs', '--modern', disk);
    run('ostree', 'admin', 'os-init', `--sysroot=${disk}`, 'os');
    for (const database of databases) {
      commit(repo, database);
      run('ostree', 'admin', 'deploy', `--sysroot=${disk}`, '--os=os', '--retain', 'os/42');
    }
    const [first, ...others] = run('ostree', 'admin', 'status', `--sysroot=${disk}`).matchAll(
      /os ([0-9a-f]{64}\.\d+)/g,
    );
    const folder = `/ostree/deploy/os/deploy/${first![1]}`;
    const expected = askRpm(join(disk, folder));
    expect(expected).toEqual(askRpm(dataPath('rpm', databases.at(-1)!), '.'));
    expect(others).toHaveLength(2);

    const tar = join(temporaryFolder(), 'disk.tar');
    run('tar', '-C', disk, '-cf', tar, '.');
    for (const reference of [`dir:${disk}`, `tar:${tar}`]) {
      const found = inventoryOf(reference);
      expect(names(found), reference).toEqual(expected);
      expect(found.notes).toMatchObject([{ code: 'ostree_deployment', where: folder }]);
      for (const [, name] of others) expect(found.notes[0]!.detail).toContain(name);
    }

    // As images of bootc have it: a bare repository, and the files as hard links to its objects.
    const root = temporaryFolder();
    run('mkdir', '-p', join(root, 'sysroot/ostree'));
    run('mv', repo, join(root, 'sysroot/ostree/repo'));
    run('ostree', `--repo=${join(root, 'sysroot/ostree/repo')}`, 'checkout', '-H', '--union', 'os/42', root);
    run('mv', join(root, 'usr/etc'), join(root, 'etc'));
    rmSync(join(root, 'boot'), { recursive: true });
    const layer = execFileSync('tar', ['-C', root, '-c', 'sysroot', 'ostree', 'usr', 'etc'], {
      maxBuffer: 1 << 26,
    });
    const layout = writeFiles(temporaryFolder(), imageLayout({ layers: [layer] }));

    expect(run('tar', '-tvf', writeLayer(layer))).toMatch(
      /usr\/share\/rpm\/rpmdb\.sqlite link to sysroot\/ostree\/repo\/objects/,
    );
    expect(names(inventoryOf(`oci:${layout}`))).toEqual(expected);
    const verified = JSON.parse(scapfeed(['verify', `oci:${layout}`, '-o', 'json']).out);
    expect(JSON.stringify(verified.deviations)).not.toContain('objects');
  },
);

function writeLayer(layer: Buffer): string {
  const path = join(temporaryFolder(), 'layer.tar');
  writeFileSync(path, layer);
  return path;
}
