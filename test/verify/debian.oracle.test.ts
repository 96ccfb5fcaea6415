import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerifyResult } from '../../src/verify/verify-files.ts';
import { temporaryFile } from '../image/support/make-image.ts';
import { file, hardlink, makeTar, symlink, type TarInput } from '../image/support/make-tar.ts';
import { debianRoot } from '../support/debian-images.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { lines, verifyReference } from './support/verify.ts';

const ready = hasOracle('dpkg', 'mmdebstrap', 'tar') && isRoot();

/** dpkg's result for each path that is not as packaged: `missing`, or the columns that differ. */
function dpkgVerify(root: string): Map<string, string> {
  // It ends with 1 when something differs.
  const { stdout } = spawnSync('dpkg', [`--root=${root}`, '--verify'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const rows = stdout.split('\n').flatMap((line) => /^(\S+)\s+(?:c )?(\/.*)$/.exec(line) ?? []);
  const found = new Map<string, string>();
  for (let at = 0; at < rows.length; at += 3) found.set(rows[at + 2]!, rows[at + 1]!);
  return found;
}

function absentPaths({ counts, deviations }: VerifyResult): number {
  const { documentation, config, optional, undescribed } = counts.absent;
  return (
    documentation +
    config +
    optional +
    undescribed +
    deviations.filter(({ kind }) => kind === 'missing').length
  );
}

describe.skipIf(!ready)('root file systems as Debian makes them', () => {
  it.each([
    ['bullseye', 'release'],
    ['bookworm', 'current'],
    ['trixie', 'current'],
  ] as const)('%s %s has no deviation, and lacks what dpkg says it lacks', async (suite, pocket) => {
    const root = debianRoot(suite, pocket);
    const result = await verifyReference(`dir:${root}`);
    const dpkg = dpkgVerify(root);

    expect(lines(result)).toEqual([]);
    expect([...dpkg.values()].filter((flags) => flags !== 'missing')).toEqual([]);
    expect(absentPaths(result)).toBe(dpkg.size);
    expect(result.privileged.map(({ origin }) => origin)).not.toEqual([]);
    expect(result.counts.compared).toBeGreaterThan(2000);
  });
});

/** Changes to files of packages, in turn. */
const changes = [
  (path: string) => appendFileSync(path, 'x'),
  (path: string) => rmSync(path),
  (path: string) => {
    rmSync(path);
    symlinkSync('/etc/hostname', path);
  },
];

describe.skipIf(!ready)('a root file system that was changed', () => {
  let root: string;
  let dpkg: Map<string, string>;
  let found: VerifyResult;
  beforeAll(async () => {
    root = temporaryFolder();
    execFileSync('cp', ['-a', `${debianRoot('bookworm', 'current')}/.`, root]);
    for (const [at, path] of everyNth(packagedPaths(root), 37).entries()) changes[at % 3]!(join(root, path));
    appendFileSync(join(root, 'etc/bash.bashrc'), '# changed\n');
    chmodSync(join(root, 'usr/bin/find'), 0o4755);
    dpkg = dpkgVerify(root);
    found = await verifyReference(`dir:${root}`);
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('the same files are not as packaged as dpkg --verify says', () => {
    const theirs = [...dpkg].flatMap(([path, flags]) => (flags === 'missing' ? [] : [merged(path)]));
    const ours = found.deviations.filter(({ kind }) => kind === 'changed' || kind === 'config');

    expect(ours.map(({ path }) => path).sort()).toEqual(theirs.sort());
    expect(ours.filter(({ detail }) => detail === 'digest').length).toBeGreaterThan(20);
    expect(ours.filter(({ detail }) => detail === 'a link to /etc/hostname').length).toBeGreaterThan(20);
  });

  it('what is missing: the same number, and none of it in silence', () => {
    const missing = [...dpkg].filter(([, flags]) => flags === 'missing').map(([path]) => path);
    const ours = found.deviations.filter(({ kind }) => kind === 'missing').map(({ path }) => path);

    expect(absentPaths(found)).toBe(missing.length);
    expect(ours.length).toBeGreaterThan(10);
    expect(missing.map(merged)).toEqual(expect.arrayContaining(ours));
  });

  it('setuid where no package is known for it', () => {
    expect(lines(found)).toContain('setuid /usr/bin/find: mode 4755');
  });
});

describe.skipIf(!ready)('an image of layers on a real one', () => {
  it('names the upper layer for all that it brought, and finds nothing in the lower', async () => {
    const above: TarInput[] = [
      { ...file('usr/bin/ls', '#!/bin/sh\n'), mode: 0o755 },
      file('usr/bin/.wh.env'),
      symlink('usr/bin/sort', '/opt/sort'),
      { ...file('opt/sort', '#!/bin/sh\n'), mode: 0o4755 },
      hardlink('opt/other', 'usr/bin/true'),
      // Through the link of the merged system.
      { ...file('bin/cat', 'x'), mode: 0o755 },
    ];
    const base = readFileSync(rootTar());
    const image = temporaryFile('image.tar', archive([base, makeTar(above)]));
    const result = await verifyReference(`docker-archive:${image}`);

    expect(lines(result)).toEqual([
      'unowned /opt/other: program',
      'unowned /opt/sort: script',
      'changed /usr/bin/cat: digest',
      'changed /usr/bin/ls: digest',
      'changed /usr/bin/sort: a link to /opt/sort',
      'missing /usr/bin/env: taken away',
      'setuid /opt/sort: mode 4755',
    ]);
    expect(new Set(result.deviations.map(({ layer }) => layer))).toEqual(new Set([1]));
  });
});

/** Regular files that packages have digests of, without documentation, in the order of their names. */
function packagedPaths(root: string): string[] {
  const info = join(root, 'var/lib/dpkg/info');
  const sums = execFileSync('sh', ['-c', `cat ${info}/*.md5sums`], { encoding: 'utf8' }).split('\n');
  return sums
    .map((line) => line.slice(34))
    .filter((path) => path !== '' && !/^usr\/share\/(doc|man|locale|info|lintian)\//.test(path))
    .sort();
}

function everyNth<Item>(items: readonly Item[], n: number): Item[] {
  return items.filter((_, at) => at % n === 0);
}

/** Where a path of a package stands on a merged system. */
function merged(path: string): string {
  return path.replace(/^\/(bin|sbin|lib|lib64)\//, '/usr/$1/');
}

/** The base as its tar, without the devices that another user could not make. */
function rootTar(): string {
  const tar = join(temporaryFolder(), 'base.tar');
  execFileSync('tar', ['-cf', tar, '-C', debianRoot('bookworm', 'current'), '.']);
  return tar;
}

function archive(layers: readonly Buffer[]): Buffer {
  const names = layers.map((_, at) => `${at}/layer.tar`);
  const diffIds = layers.map((bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: diffIds } };
  return makeTar([
    ...layers.map((bytes, at) => file(names[at]!, bytes)),
    file('config.json', JSON.stringify(config)),
    file('manifest.json', JSON.stringify([{ Config: 'config.json', RepoTags: null, Layers: names }])),
  ]);
}
