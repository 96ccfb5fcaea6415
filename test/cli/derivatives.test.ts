import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Platform } from '../../src/model/index.ts';
import { rootWith, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { dataPath, hasData } from '../support/data.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { rpmSqlite } from '../support/rpm-sqlite.ts';
import { type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';

const platform = (id: string, version: string, packaging: Platform['packaging']): Platform => ({
  id: `${id}-${version}`,
  name: id,
  aliases: [],
  os: { id, version },
  packaging,
  life: [],
});

/** Parents of all systems below, each of which ships both packages in a build that has every fix: their rows would clear each image. */
const parents: SmallPlatform[] = [
  platform('debian', '11', 'deb'),
  platform('debian', '12', 'deb'),
  platform('ubuntu', '20.04', 'deb'),
  platform('ubuntu', '22.04', 'deb'),
  platform('ubuntu', '24.04', 'deb'),
  platform('rhel', '8', 'rpm'),
  platform('rhel', '9', 'rpm'),
  platform('fedora', '42', 'rpm'),
  platform('opensuse-leap', '15.6', 'rpm'),
  platform('alpine', '3.20', 'apk'),
].map((parent) => ({
  platform: parent,
  data: { roster: new Map(['bash', 'zlib'].map((name) => [name, { version: '1.0', binaries: [] }])) },
  statements: [{ vulnerability: 'CVE-2024-0001', package: 'bash', status: 'fixed', fixed: '0.5-1' }],
}));

const feed = writeSmallFeed(parents);

const databases = {
  deb: { 'var/lib/dpkg/status': stanza('bash', '1.0-1') + stanza('zlib', '1.0-1') },
  rpm: {
    'var/lib/rpm/rpmdb.sqlite': rpmSqlite(
      ['bash', 'zlib'].map((name) =>
        rpmHeader({
          ...{ name, version: '1.0', release: '1.el9', arch: 'x86_64' },
          ...{ sourceRpm: `${name}-1.0-1.el9.src.rpm`, vendor: 'Red Hat, Inc.' },
        }),
      ),
    ),
  },
  apk: {
    'lib/apk/db/installed': ['bash', 'zlib']
      .map((name) => `P:${name}\nV:1.0-r0\nA:x86_64\no:${name}\n\n`)
      .join(''),
  },
} as const;

const scan = (root: string, ...args: readonly string[]) =>
  runHere(['scan', `dir:${root}`, '--feed', feed, '--max-age', '0', '-o', 'json', ...args]);

interface Scanned {
  platform: { id: string; marks: string[] };
  verdicts: unknown[];
  uncovered: { name: string; reason: string; detail: string }[];
}

/** os-release of a system: its id, VERSION_ID, name for people, ID_LIKE and more lines. */
const release = (id: string, version: string, name: string, like: string, ...more: string[]) =>
  [
    `PRETTY_NAME="${name}"`,
    `ID=${id}`,
    ...(version && [`VERSION_ID="${version}"`]),
    ...(like && [`ID_LIKE="${like}"`]),
    ...more,
  ].join('\n');

const systems: [
  id: string,
  version: string,
  name: string,
  like: string,
  packaging: keyof typeof databases,
  ...more: string[],
][] = [
  ['kali', '2025.2', 'Kali GNU/Linux Rolling', 'debian', 'deb', 'VERSION_CODENAME=kali-rolling'],
  ['raspbian', '12', 'Raspbian GNU/Linux 12 (bookworm)', 'debian', 'deb', 'VERSION_CODENAME=bookworm'],
  ['linuxmint', '22', 'Linux Mint 22', 'ubuntu debian', 'deb', 'UBUNTU_CODENAME=noble'],
  ['pop', '22.04', 'Pop!_OS 22.04 LTS', 'ubuntu debian', 'deb', 'UBUNTU_CODENAME=jammy'],
  ['elementary', '8', 'elementary OS 8', 'ubuntu debian', 'deb', 'UBUNTU_CODENAME=noble'],
  ['deepin', '23', 'Deepin 23', 'debian', 'deb'],
  ['devuan', '5', 'Devuan GNU/Linux 5 (daedalus)', 'debian', 'deb'],
  ['vyos', '1.4', 'VyOS 1.4', '', 'deb', 'VERSION_CODENAME=bookworm'],
  ['echo', '1', 'Echo Linux', 'debian', 'deb'],
  ['arch', '', 'Arch Linux', '', 'deb'],
  ['manjaro', '', 'Manjaro Linux', 'arch', 'deb'],
  ['gentoo', '', 'Gentoo/Linux', '', 'deb'],
  ['openEuler', '24.03', 'openEuler 24.03 (LTS)', '', 'rpm'],
  ['bottlerocket', '1.40.0', 'Bottlerocket OS 1.40.0', '', 'rpm'],
  ['centos', '8', 'CentOS Linux 8', 'rhel fedora', 'rpm'],
  ['centos', '9', 'CentOS Stream 9', 'rhel fedora', 'rpm'],
  ['eurolinux', '9.4', 'EuroLinux 9.4', 'rhel fedora centos', 'rpm'],
  ['virtuozzo', '8', 'Virtuozzo Linux', 'rhel fedora centos', 'rpm'],
  ['scientific', '7.5', 'Scientific Linux 7.5', 'rhel centos fedora', 'rpm'],
  ['miraclelinux', '9.4', 'MIRACLE LINUX 9.4', 'rhel fedora', 'rpm'],
  ['wolfi', '20230201', 'Wolfi', '', 'apk'],
  ['chainguard', '20230214', 'Chainguard', '', 'apk'],
  ['minimos', '20241031', 'MinimOS', '', 'apk'],
  ['secureos', '2025.09.09', 'SecureOS', '', 'apk'],
  ['postmarketos', 'v25.06', 'postmarketOS v25.06', 'alpine', 'apk'],
];

describe('a system without a platform in the feed, with a full package database, is not covered under its own name', () => {
  it.each(systems)('%s %s', async (id, version, name, like, packaging, ...more) => {
    const root = rootWith({
      'etc/os-release': release(id, version, name, like, ...more),
      ...databases[packaging],
    });

    const { code, out, err } = await scan(root);

    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('PLATFORM_NOT_COVERED');
    expect(err).toContain(`${name} (${id.toLowerCase()}${version && `-${version}`})`);
  });
});

const inventory = 'vendors2/inventory';

describe.skipIf(!hasData(inventory))('every os-release of the data', () => {
  const files = readdirSync(dataPath(inventory), { recursive: true, encoding: 'utf8' })
    .filter((name) => /os-release$|\/release\/testdata\/|\.txtar$/.test(name))
    .filter((name) => statSync(dataPath(inventory, name)).isFile())
    .map((name) => ({ name, text: readFileSync(dataPath(inventory, name), 'utf8') }))
    .map(({ name, text }) => ({ name, text: text.replace(/^-- .*$/gm, '').replace(/^[ \t]+/gm, '') }))
    .filter(({ text }) => /^ID=/m.test(text));

  it('is judged by its own rows or not at all', async () => {
    expect(files.length).toBeGreaterThan(45);
    let refused = 0;
    for (const { name, text } of files) {
      const id = /^ID=["']?([^"'\n]+)/m.exec(text)![1]!.toLowerCase();
      for (const database of Object.values(databases)) {
        const { code, out, err } = await scan(rootWith({ 'etc/os-release': text, ...database }));
        if (code === 4 && err.includes('PLATFORM_NOT_COVERED')) {
          expect(err, name).toContain(id);
          refused += 1;
        } else if (code === 4 && err.includes('PACKAGE_DATABASE_MISSING')) {
          expect(err, name).toContain(`and ${id}-`);
        } else {
          expect((JSON.parse(out) as Scanned).platform.id, name).toMatch(new RegExp(`^${id}-`));
        }
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});

describe('rows of a parent on request', () => {
  it.each([
    ['kali', '2025.2', 'debian-12', '1.0-0kali1', 'kali1'],
    ['raspbian', '12', 'debian-12', '1.0-1+rpi1+deb12u9', '+rpi1'],
    ['linuxmint', '22', 'ubuntu-24.04', '1.0+linuxmint1+wilma', 'linuxmint1'],
  ])(
    '%s: builds of the parent are judged and marked, its own are not',
    async (id, version, on, build, mark) => {
      const root = rootWith({
        'etc/os-release': release(id, version, id, 'debian'),
        'var/lib/dpkg/status': stanza('bash', '0.4-1') + stanza('zlib', build),
      });

      const { code, out } = await scan(root, '--platform-map', `${id}=${on}`);

      const result = JSON.parse(out) as Scanned;
      expect(code).toBe(4);
      expect(result.platform).toMatchObject({ id: on, marks: ['mapped'] });
      expect(result.verdicts).toMatchObject([{ vulnerability: 'CVE-2024-0001', marks: ['mapped'] }]);
      expect(result.uncovered).toMatchObject([
        { name: 'zlib', reason: 'other_origin', detail: `version carries ${mark}` },
      ]);
    },
  );

  it.each([
    ['--platform', 'npm'],
    ['--platform-map', 'kali=npm'],
  ])('%s %s: an ecosystem judges no distribution', async (...options) => {
    const root = rootWith({
      'etc/os-release': release('kali', '2025.2', 'Kali', 'debian'),
      'var/lib/dpkg/status': stanza('bash', '0.4-1'),
    });

    const { code, out, err } = await scan(root, ...options);

    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('npm is an ecosystem of packages of languages');
  });

  it('Raspberry Pi OS that names itself Debian is Debian but for its own builds', async () => {
    const root = rootWith({
      'etc/os-release': release('debian', '12', 'Debian GNU/Linux 12 (bookworm)', ''),
      'var/lib/dpkg/status': stanza('zlib', '1.0-1') + stanza('bash', '1.0-1+rpt2'),
    });

    const { code, out } = await scan(root);

    expect(code).toBe(4);
    expect(JSON.parse(out)).toMatchObject({
      verdicts: [],
      uncovered: [{ name: 'bash', reason: 'other_origin' }],
    });
  });
});
