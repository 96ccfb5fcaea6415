import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { benchmark, fileCheck, rule } from '../comply/support/small-content.ts';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { commitTree, run, writeTree } from '../image/support/ostree.ts';
import { hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { newMachine } from './support/machine.ts';

/** The second commit has what the rule wants. */
function commit(repo: string, isNewer: boolean): void {
  const tree = temporaryFolder();
  const release = 'ID=amzn\nVERSION_ID="2023"\nPRETTY_NAME="Amazon Linux 2023"\n';
  writeTree(tree, { database: 'hist-sqlite-a', release });
  if (isNewer) writeFileSync(join(tree, 'usr/etc/banner'), 'be careful\n');
  commitTree(repo, tree);
}

it.skipIf(!hasData('rpm/hist-sqlite-a') || !hasOracle('ostree', 'jq'))(
  'a host of bootc is judged by its disk as by its image: packages and rules of the deployment that starts, and what to do where none is known',
  () => {
    const machine = newMachine();
    const disk = join(machine.home, 'disk');
    const repo = join(disk, 'ostree/repo');
    mkdirSync(disk);
    run('ostree', 'admin', 'init-fs', '--modern', disk);
    run('ostree', 'admin', 'os-init', `--sysroot=${disk}`, 'os');
    for (const isNewer of [false, true]) {
      commit(repo, isNewer);
      run('ostree', 'admin', 'deploy', `--sysroot=${disk}`, '--os=os', '--retain', 'os/42');
    }
    const root = temporaryFolder();
    run('mkdir', '-p', join(root, 'sysroot/ostree'));
    run('cp', '-a', repo, join(root, 'sysroot/ostree/repo'));
    run('ostree', `--repo=${join(root, 'sysroot/ostree/repo')}`, 'checkout', '-H', '--union', 'os/42', root);
    run('mv', join(root, 'usr/etc'), join(root, 'etc'));
    const layer = execFileSync('tar', ['-C', root, '-c', 'sysroot', 'ostree', 'usr', 'etc'], {
      maxBuffer: 1 << 26,
    });
    writeFiles(join(machine.home, 'image'), imageLayout({ layers: [layer] }));

    const feed = writeSmallFeed([
      {
        platform: {
          ...{ id: 'amzn-2023', name: 'Amazon Linux 2023', aliases: [], packaging: 'rpm' },
          ...{ os: { id: 'amzn', version: '2023' }, life: [{ phase: 'regular', until: '2029-06-30' }] },
        },
        statements: [
          {
            ...{ vulnerability: 'CVE-2024-0001', package: 'ncurses-base', status: 'fixed' },
            ...{ fixed: '6.2-5.20200222.amzn2023.0.1', severity: 'high', advisories: ['ALAS2023-2024-001'] },
          },
        ],
      },
    ]);
    writeFileSync(join(machine.home, 'oval.xml'), fileCheck('/etc/banner'));
    writeFileSync(join(machine.home, 'rules.xml'), benchmark(rule('banner')));

    for (const reference of ['dir:disk', 'oci:image']) {
      const scan = machine.run(
        `scapfeed scan ${reference} --feed ${feed} --max-age 0 -o json | jq -c '[.verdicts[] | [.vulnerability, .status]]'`,
      );
      expect(scan.out, `${reference} ${scan.err}`).toBe('[["CVE-2024-0001","affected"]]\n');
      const rules = machine.does(
        `scapfeed comply ${reference} --content rules.xml -o json | jq -c '[.rules[].result]'`,
      );
      expect(rules, reference).toBe('["pass"]\n');
    }

    // A disk whose /boot is a file system of its own, which is not mounted.
    rmSync(join(disk, 'boot'), { recursive: true });
    const refused = machine.run(`scapfeed scan dir:disk --feed ${feed} --max-age 0`);
    expect(refused.code, refused.err).toBe(4);
    const [, given] = /(ostree\/deploy\/os\/deploy\/[0-9a-f]{64}\.\d)/.exec(refused.err)!;
    expect(machine.run(`scapfeed scan dir:disk/${given} --feed ${feed} --max-age 0`).out).toContain(
      'CVE-2024-0001',
    );
  },
);
