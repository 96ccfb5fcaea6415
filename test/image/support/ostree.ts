import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataPath } from '../../support/data.ts';

/** Deployments are immutable otherwise, and stay when the test is over. */
const env = { ...process.env, OSTREE_SYSROOT_DEBUG: 'mutable-deployments' };

/** Runs ostree or a tool beside it and returns what it prints. */
export function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A tree as it is committed to ostree: configuration in `/usr/etc`, rpm's database where rpm-ostree has it. */
export function writeTree(tree: string, { database, release }: { database: string; release: string }): void {
  for (const folder of [
    'boot',
    'sysroot',
    'var',
    'usr/etc',
    'usr/lib/modules/6.1',
    'usr/lib/sysimage',
    'usr/share/rpm',
  ])
    mkdirSync(join(tree, folder), { recursive: true });
  symlinkSync('sysroot/ostree', join(tree, 'ostree'));
  symlinkSync('../../share/rpm', join(tree, 'usr/lib/sysimage/rpm'));
  symlinkSync('../usr/lib/os-release', join(tree, 'usr/etc/os-release'));
  writeFileSync(join(tree, 'usr/lib/os-release'), release);
  for (const name of ['vmlinuz', 'initramfs.img'])
    writeFileSync(join(tree, 'usr/lib/modules/6.1', name), name);
  cpSync(dataPath('rpm', database, 'rpmdb.sqlite'), join(tree, 'usr/share/rpm/rpmdb.sqlite'));
}

/** Commits a tree as the next state of the branch `os/42`. */
export function commitTree(repo: string, tree: string): void {
  run('ostree', `--repo=${repo}`, 'commit', '-b', 'os/42', '--owner-uid=0', '--owner-gid=0', tree);
}
