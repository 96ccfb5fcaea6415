import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rpmDatabase } from '../../scripts/rpm-database.mjs';
import { builds } from '../../src/distros/builds.ts';
import { readAll } from '../../src/io/bytes.ts';
import { decompress } from '../../src/io/decompress.ts';
import { zipEntries } from '../../src/io/zip-in-memory.ts';
import type { Manifest } from '../../src/model/feed/index.ts';
import { apkRecord } from '../packaging/apk/record.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { archRoot } from './arch/world.ts';
import { gentooRoot } from './gentoo/world.ts';
import { applicationInventory, bottlerocketRoot } from './rebuild/bottlerocket/world.ts';

const sample = join(project, 'feeds/sample');

/** Paths of files below a folder. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
}

const bound = { maxBytes: 2 ** 26, code: 'SOURCE_TOO_LARGE', where: 'sample' } as const;

/** A file's content, independent of the version of the library or command that compressed it. */
async function contentOf(path: string): Promise<unknown> {
  const bytes = readFileSync(path);
  if (bytes.subarray(0, 2).toString() === 'PK')
    return [...zipEntries(bytes, path)].map((entry) => [entry.name, `${entry.content(bound.maxBytes)}`]);
  return `${await readAll(decompress(one(bytes), bound), bound)}`;
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** An rpm system in short: what makes its packages its own, and packages as `name-[epoch:]version-release.arch`. */
function rpmSystem(release: string, vendor: string, keyId: string, ...packages: readonly string[]): string {
  const installed = packages.map((nevra) => {
    const [, name = '', epoch, version = '', build = '', arch = ''] =
      /^(.+)-(?:(\d+):)?([^-:]+)-([^-]+)\.([^.]+)$/.exec(nevra) ?? [];
    const ofEpoch = epoch === undefined ? {} : { epoch: Number(epoch) };
    return { name, ...ofEpoch, version, release: build, arch, vendor, keyId };
  });
  return rootWith({ 'etc/os-release': release, 'var/lib/rpm/Packages.db': rpmDatabase(installed) });
}

const apkSystem = (id: string, name: string, version: string, release = '3.18.4') =>
  rootWith({
    'etc/os-release': `ID=${id}\nNAME="${id}"\nPRETTY_NAME="${id}"\nVERSION_ID=${release}\n`,
    'lib/apk/db/installed': apkRecord(name, version),
  });

const debSystem = (release: string, name: string, version: string, fields: Record<string, string> = {}) =>
  rootWith({ 'etc/os-release': release, 'var/lib/dpkg/status': stanza(name, version, fields) });

const noKey = '0'.repeat(16);
const microsoft = ['Microsoft Corporation', '0cd9fed33135ce90'] as const;

/** By source: a system that the sample's document is about, and what is told of it. */
const systems: Readonly<Record<string, () => [root: string, flaw: string, fix: string]>> = {
  almalinux: () => [
    rpmSystem(
      ...(['ID="almalinux"\nVERSION_ID="8.4"\n', 'AlmaLinux', '51d6647ec21ad6ea'] as const),
      ...['almalinux-release-8.4-1.el8.x86_64', 'libsndfile-1.0.28-8.el8.x86_64'],
    ),
    'CVE-2018-13139',
    '0:1.0.28-10.el8',
  ],
  alpine: () => [apkSystem('alpine', 'curl', '8.1.0-r0'), 'CVE-2023-38545', '8.4.0-r0'],
  amazon: () => [
    rpmSystem(
      ...(['ID="amzn"\nVERSION_ID="2023"\n', 'Amazon Linux', 'e951904ad832c631'] as const),
      ...['system-release-2023.1-1.amzn2023.noarch', 'curl-minimal-8.2.1-1.amzn2023.0.1.x86_64'],
    ),
    'CVE-2023-38545',
    '0:8.3.0-1.amzn2023.0.2',
  ],
  anolis: () => [
    rpmSystem(
      ...(['ID="anolis"\nVERSION_ID="23"\n', 'OpenAnolis Community', noKey] as const),
      ...['anolis-release-23-1.an23.x86_64', 'bind-libs-32:9.18.21-1.an23.x86_64'],
    ),
    'CVE-2024-11187',
    '32:9.18.34-1.an23',
  ],
  arch: () => [archRoot(['curl 8.3.0-1']), 'CVE-2023-38545', '8.4.0-1'],
  azurelinux: () => [
    rpmSystem(
      ...(['ID=azurelinux\nVERSION_ID="3.0"\n', ...microsoft] as const),
      ...['azurelinux-release-3.0-1.azl3.noarch', 'freeglut-3.2.2-1.azl3.x86_64'],
    ),
    'CVE-2024-24258',
    '0:3.4.0-1.azl3',
  ],
  bottlerocket: () => [
    bottlerocketRoot(applicationInventory(['kernel 0.3.2-a9c81735'])),
    'CVE-2020-10711',
    '0:0.3.3-b7d91846',
  ],
  cleanstart: () => [apkSystem('cleanstart', 'curl', '8.9.1-r2'), 'CVE-2024-11053', '8.11.1-r0'],
  debian: () => [
    debSystem(debianRelease('12', 'bookworm'), 'libc6', '2.36-9+deb12u4', { Source: 'glibc' }),
    'CVE-2024-2961',
    '2.36-9+deb12u6',
  ],
  dhi: () => [apkSystem('dhi', 'coreutils', '9.11-r0', '3.24'), 'CVE-2016-2781', '9.11-r1'],
  echo: () => [
    debSystem('ID=echo\nVERSION_ID=1\n', 'firefox-esr', '128.9.0esr-1~deb12u1'),
    'CVE-2025-4091',
    '128.10.0esr-1~deb12u1',
  ],
  fedora: () => [
    rpmSystem(
      ...(['ID=fedora\nVERSION_ID=43\n', 'Fedora Project', '829b606631645531'] as const),
      ...['fedora-release-common-43-26.noarch', 'insight-18.0.50.20251015-1.fc43.x86_64'],
    ),
    'CVE-2025-11494',
    '0:18.0.50.20260306-1.fc43',
  ],
  gentoo: () => [gentooRoot(['net-misc/curl-8.3.0']), 'CVE-2023-38545', '8.3.0-r2'],
  mariner: () => [
    rpmSystem(
      ...(['ID=mariner\nVERSION_ID="2.0"\n', ...microsoft] as const),
      ...['mariner-release-2.0-1.cm2.noarch', 'kernel-5.15.170.1-1.cm2.x86_64'],
    ),
    'CVE-2022-48666',
    '0:5.15.176.3-3.cm2',
  ],
  minimos: () => [apkSystem('minimos', 'binutils', '2.43.1-r0'), 'CVE-2025-0840', '2.44-r0'],
  openeuler: () => [
    rpmSystem(
      'ID="openEuler"\nVERSION="22.03 (LTS-SP4)"\nVERSION_ID="22.03"\n',
      ...(['http://openeuler.org', noKey] as const),
      ...[
        'openEuler-release-22.03LTS_SP4-57.oe2203sp4.x86_64',
        'bpftool-5.10.0-216.0.0.115.oe2203sp4.x86_64',
      ],
    ),
    'CVE-2023-52920',
    '5.10.0-237.0.0.136.oe2203sp4',
  ],
  oracle: () => [
    rpmSystem(
      ...(['ID="ol"\nVERSION_ID="10.0"\n', 'Oracle America', 'bc4d06a08d8b756f'] as const),
      ...['oraclelinux-release-10:10.0-1.0.1.el10.x86_64', 'unbound-libs-1.20.0-9.el10.x86_64'],
    ),
    'CVE-2024-8508',
    '0:1.20.0-10.el10_0',
  ],
  photon: () => [
    rpmSystem(
      ...(['ID=photon\nVERSION_ID=5.0\n', 'VMware, Inc.', 'c0b5e0ab66fd4949'] as const),
      ...['photon-release-5.0-4.ph5.noarch', 'ansible-2.14.3-1.ph5.noarch'],
    ),
    'CVE-2023-5115',
    '0:2.14.12-1.ph5',
  ],
  redhat: () => [
    rpmSystem(
      ...(['ID="rhel"\nVERSION_ID="9.3"\n', 'Red Hat, Inc.', '199e2f91fd431d51'] as const),
      ...['redhat-release-9.3-0.5.el9.x86_64', 'curl-7.76.1-26.el9.x86_64'],
    ),
    'CVE-2023-38545',
    '0:7.76.1-26.el9_3.2',
  ],
  rocky: () => [
    rpmSystem(
      'ID="rocky"\nVERSION_ID="10.1"\n',
      ...(['Rocky Enterprise Software Foundation', '5b106c736fedfc85'] as const),
      ...['rocky-release-10.1-1.4.el10.noarch', 'golang-1.25.1-1.el10_1.x86_64'],
    ),
    'CVE-2025-58183',
    '0:1.25.3-1.el10_1',
  ],
  secureos: () => [apkSystem('secureos', 'zlib', '1.3'), 'CVE-2023-45853', '1.3.1'],
  suse: () => [
    rpmSystem(
      'ID="opensuse-tumbleweed"\nVERSION_ID="20231001"\n',
      ...(['openSUSE', '35a2f86e29b700a4'] as const),
      ...['openSUSE-release-20231001-1.1.x86_64', 'samba-client-libs-4.18.6+git.313.93ae0e9c3fe-1.1.x86_64'],
    ),
    'CVE-2023-5568',
    '4.19.2+git.322.7e9201cef5-1.1',
  ],
  ubuntu: () => [
    debSystem(
      'ID=ubuntu\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\n',
      ...(['libwayland-client0', '1.20.0-1', { Source: 'wayland' }] as const),
    ),
    'CVE-2021-3782',
    '1.20.0-1ubuntu0.1',
  ],
};

/** Their licence does not allow to pass on what is made of their data. */
const restricted = builds.flatMap(({ source: { id, terms } }) => (terms === 'restricted' ? [id] : []));

describe('feeds/sample', () => {
  it('is what its maker makes of the facts in scripts/sample', async () => {
    const made = temporaryFolder('sample');
    const { status, stderr } = spawnSync('node', ['scripts/make-sample.mjs', made], {
      cwd: project,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    expect(filesOf(made)).toEqual(filesOf(sample));
    for (const path of filesOf(sample))
      expect(await contentOf(join(made, path)), path).toEqual(await contentOf(join(sample, path)));
  });

  describe('has documents of each vendor', () => {
    const feed = join(temporaryFolder(), 'feed');
    let manifest: Manifest;
    beforeAll(() => {
      const built = scapfeed([
        ...['build', '--source', 'all', '--mirror', 'sample:', '--no-oval'],
        ...['--snapshots', join(feed, '../snapshots'), '--out', feed],
      ]);
      expect(built, built.err).toMatchObject({ code: 0 });
      manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'));
    });

    it('whose terms allow it, and accounts for every record', () => {
      const all = builds.map(({ source }) => source.id).filter((id) => !restricted.includes(id));
      const told = new Map(manifest.sources.map((source) => [source.id, source]));
      expect(Object.keys(systems)).toEqual(all);
      for (const id of all) {
        const { records, used, dropped, findings } = told.get(id)!;
        const notUsed = findings.filter((finding) => finding.dropped);
        expect([id, records]).toEqual([id, used + dropped]);
        expect([id, dropped]).toEqual([id, notUsed.reduce((sum, { count }) => sum + count, 0)]);
        expect([id, used > 0]).toEqual([id, true]);
      }
    });

    it('and platforms of each among those that it names before it is fetched', () => {
      const named = new Map(
        builds.map(({ source }) => [
          source.id,
          source.platforms?.map((platform) => JSON.stringify(platform)),
        ]),
      );
      let known = 0;
      for (const { id, name, aliases, os, packaging, life, source } of manifest.platforms) {
        const all = named.get(source);
        if (!all) continue;
        known += 1;
        expect(all.map((each) => JSON.parse(each))).toContainEqual({
          id,
          name,
          aliases,
          os,
          packaging,
          life,
        });
      }
      expect(known).toBeGreaterThan(25);
    });

    it('and the page of each says what it has', () => {
      for (const { source } of builds) {
        const page = { chainguard: 'wolfi', mariner: 'azurelinux' }[source.id] ?? source.id;
        const text = readFileSync(join(project, `docs/${page}.md`), 'utf8');
        expect(text, page).toMatch(/^The \[sample\]\(building\.md#the-sample\) has /m);
        expect(/ has nothing of them/.test(text), page).toBe(restricted.includes(source.id));
      }
    });

    it.each(Object.keys(systems))('%s: a system of it has a flaw', (id) => {
      const [root, flaw, fix] = systems[id]!();
      const { out, err } = scapfeed(['scan', root, '--feed', feed, '--max-age', '0', '--all']);
      expect(out, err).toMatch(new RegExp(`^${flaw} .*\\n +(?:.*; )?fix available: ${escaped(fix)}`, 'm'));
    });
  });
});

const escaped = (text: string) => text.replace(/[.+]/g, '\\$&');
