import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Platform } from '../../src/model/feed/index.ts';
import { rootWith, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { dataPath, hasData } from '../support/data.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { rpmSqlite } from '../support/rpm-sqlite.ts';
import { type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

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
  platform('debian', '13', 'deb'),
  platform('ubuntu', '20.04', 'deb'),
  platform('ubuntu', '22.04', 'deb'),
  platform('ubuntu', '24.04', 'deb'),
  platform('rhel', '8', 'rpm'),
  platform('rhel', '9', 'rpm'),
  platform('fedora', '42', 'rpm'),
  platform('opensuse-leap', '15.6', 'rpm'),
  platform('alpine', '3.20', 'apk'),
  platform('alpine', '3.23', 'apk'),
  platform('alpine', '3.24', 'apk'),
].map((parent) => ({
  platform: parent,
  data: { roster: new Map(['bash', 'zlib'].map((name) => [name, { version: '1.0', binaries: [] }])) },
  statements: [
    {
      vulnerability: 'CVE-2024-0001',
      package: 'bash',
      status: 'fixed',
      fixed: parent.packaging === 'apk' ? '0.5-r0' : '0.5-1',
    },
  ],
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
  ['dhi', '13', 'Docker Hardened Images/Debian GNU/Linux 13 (trixie)', 'debian', 'deb'],
  ['dhi', '3.24', 'Docker Hardened Images/Alpine Linux v3.24', 'alpine', 'apk'],
  ['hummingbird', '20251124', 'Red Hat Hardened Images', 'fedora rhel', 'rpm'],
  ['clnstrt', '20250101', 'CleanStart', 'alpine', 'apk'],
  ['cleanstart', '20250101', 'CleanStart', '', 'apk'],
  // BellSoft (mql#10839).
  ['alpaquita', '23', 'BellSoft Alpaquita Linux 23', 'alpine', 'apk'],
  ['echo', '1', 'Echo Linux', 'debian', 'deb'],
  ['arch', '', 'Arch Linux', '', 'deb'],
  ['manjaro', '', 'Manjaro Linux', 'arch', 'deb'],
  ['gentoo', '', 'Gentoo/Linux', '', 'deb'],
  ['openEuler', '24.03', 'openEuler 24.03 (LTS)', '', 'rpm'],
  ['bottlerocket', '1.40.0', 'Bottlerocket OS 1.40.0', '', 'rpm'],
  ['centos', '8', 'CentOS Linux 8', 'rhel fedora', 'rpm'],
  // trivy#1622
  ['centos', '9', 'CentOS Stream 9', 'rhel fedora', 'rpm'],
  ['eurolinux', '9.4', 'EuroLinux 9.4', 'rhel fedora centos', 'rpm'],
  ['virtuozzo', '8', 'Virtuozzo Linux', 'rhel fedora centos', 'rpm'],
  ['scientific', '7.5', 'Scientific Linux 7.5', 'rhel centos fedora', 'rpm'],
  ['miraclelinux', '9.4', 'MIRACLE LINUX 9.4', 'rhel fedora', 'rpm'],
  // Amazon's builds are not Red Hat's (fleetdm/fleet#20934).
  ['amzn', '2', 'Amazon Linux 2', 'centos rhel fedora', 'rpm'],
  // apko without a package of the release (apko#447).
  ['unknown', 'unknown', 'apko-generated image', '', 'apk'],
  ['wolfi', '20230201', 'Wolfi', '', 'apk'],
  ['chainguard', '20230214', 'Chainguard', '', 'apk'],
  ['minimos', '20241031', 'MinimOS', '', 'apk'],
  ['secureos', '2025.09.09', 'SecureOS', '', 'apk'],
  ['postmarketos', 'v25.06', 'postmarketOS v25.06', 'alpine', 'apk'],
];

describe('a system without a platform in the feed, with a full package database, is not covered under its own name (mql#10857)', () => {
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

  it("builds of Root.io and Seal are not the base's, whatever their names and versions", async () => {
    const root = rootWith({
      'etc/os-release': release('debian', '12', 'Debian GNU/Linux 12 (bookworm)', ''),
      'var/lib/dpkg/status':
        stanza('bash', '0.4-1.root.io.2') + stanza('seal-zlib', '1.0-1+sp1') + stanza('rootio-zlib', '1.0-1'),
    });

    const { code, out } = await scan(root);

    expect(code).toBe(4);
    expect(JSON.parse(out)).toMatchObject({
      verdicts: [],
      uncovered: [
        { name: 'bash', reason: 'other_origin', detail: 'version carries .root.io.2' },
        { name: 'rootio-zlib', reason: 'other_origin', detail: 'name begins with rootio-' },
        { name: 'seal-zlib', reason: 'other_origin', detail: 'name begins with seal-' },
      ],
    });
  });

  it("a revision of Root.io on Alpine is not Alpine's, and explain counts it; other long revisions are", async () => {
    const apk = (name: string, version: string) => `P:${name}\nV:${version}\nA:x86_64\no:bash\n\n`;
    const revisions = ['0.4-r00071', '0.4-r10072', '0.4-r007', '0.4-r70', '0.4-r100', '0.4-r10069'];
    const root = rootWith({
      'etc/os-release': release('alpine', '3.20.1', 'Alpine Linux v3.20', ''),
      'lib/apk/db/installed': revisions.map((version, at) => apk(`bash${at}`, version)).join(''),
    });

    const { code, out } = await scan(root);
    const explained = await runHere([
      'explain',
      `dir:${root}`,
      'CVE-2024-0001',
      ...['--feed', feed, '--max-age', '0'],
    ]);

    const { verdicts, uncovered } = JSON.parse(out) as Scanned;
    expect(code).toBe(4);
    expect(verdicts).toMatchObject([{}, {}, {}, {}]);
    expect(uncovered).toMatchObject([
      { name: 'bash0', reason: 'other_origin', detail: 'version carries -r00071' },
      { name: 'bash1', reason: 'other_origin', detail: 'version carries -r10072' },
    ]);
    expect(explained.out).toContain('2 packages could not be judged and may have it');
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

/** The names of the vendor's cases for the change from the base's ID to `ID=dhi`, as of mid 2026. */
const hardenedCases: {
  name: string;
  base: 'debian-13' | 'alpine-3.23' | 'alpine-3.24';
  /** Name and version of the package. */
  build: [string, string];
  flaw: string;
  /** The base's statement: a fix, or none for a package that it ships. Absent: it does not ship the package. */
  row?: { status: 'affected' } | { status: 'fixed'; fixed: string } | 'none';
  vex?: 'not_affected' | 'affected' | 'under_investigation';
  /** The verdict while the image has the base's ID. */
  before: 'lifted' | 'affected' | 'nothing' | 'not_covered';
}[] = [
  {
    name: 'alpine-coreutils-id-dhi',
    ...{ base: 'alpine-3.24', build: ['coreutils', '9.11-r0'], flaw: 'CVE-2016-2781' },
    ...{ row: 'none', vex: 'affected', before: 'nothing' },
  },
  {
    name: 'debian-coreutils-not-affected',
    ...{ base: 'debian-13', build: ['coreutils', '9.7-3+dhi3'], flaw: 'CVE-2017-18018' },
    ...{ row: { status: 'affected' }, vex: 'not_affected', before: 'lifted' },
  },
  {
    name: 'alpine-layer-package-namespace',
    ...{ base: 'alpine-3.24', build: ['jq', '1.8.1-r0'], flaw: 'CVE-2026-1001' },
    ...{ row: { status: 'fixed', fixed: '1.8.1-r1' }, before: 'affected' },
  },
  {
    name: 'debian-python-3.9-affected-no-fixed',
    ...{ base: 'debian-13', build: ['python-3.9', '3.9.23-18'], flaw: 'CVE-2025-12781' },
    ...{ vex: 'affected', before: 'not_covered' },
  },
  {
    name: 'alpine-python-fixed-version-excluded',
    ...{ base: 'alpine-3.23', build: ['python-3.14', '3.14.5-r7'], flaw: 'CVE-2026-5713' },
    before: 'not_covered',
  },
  {
    name: 'alpine-python-not-affected',
    ...{ base: 'alpine-3.23', build: ['python-3.10', '3.10.20-r6'], flaw: 'CVE-2026-3298' },
    ...{ vex: 'not_affected', before: 'not_covered' },
  },
  {
    name: 'alpine-python-component-context',
    ...{ base: 'alpine-3.23', build: ['python-3.12', '3.12.13-r7'], flaw: 'CVE-2025-12781' },
    ...{ vex: 'under_investigation', before: 'not_covered' },
  },
  {
    name: 'customer-added-upstream-apk',
    ...{ base: 'alpine-3.23', build: ['python-3.14', '3.14.5-r7'], flaw: 'CVE-2026-5713' },
    before: 'not_covered',
  },
];

describe("Docker's hardened images", () => {
  const rowed = hardenedCases.filter(({ row }) => row !== undefined);
  const own = writeSmallFeed(
    ['debian-13', 'alpine-3.23', 'alpine-3.24'].map((id) => {
      const [os = '', version = ''] = id.split('-');
      const here = rowed.filter(({ base }) => base === id);
      const shipped = new Map(
        ['bash', ...here.map(({ build }) => build[0])].map((name) => [name, { version: '1', binaries: [] }]),
      );
      return {
        platform: platform(os, version, os === 'debian' ? 'deb' : 'apk'),
        data: { roster: shipped },
        statements: here.flatMap(({ build, flaw, row }) =>
          row === 'none' || row === undefined ? [] : [{ vulnerability: flaw, package: build[0], ...row }],
        ),
      };
    }),
  );

  const database = ({ base, build: [name, version] }: (typeof hardenedCases)[number]) =>
    base === 'debian-13'
      ? { 'var/lib/dpkg/status': stanza(name, version) }
      : { 'lib/apk/db/installed': `P:${name}\nV:${version}\nA:x86_64\no:${name}\n\n` };

  /** A statement as the vendor writes them: about the package of the base, and about it in an image. */
  function vexFile({ base, build, flaw, vex }: (typeof hardenedCases)[number], namespace: string): string {
    const [os, version] = base.split('-');
    const type = os === 'debian' ? 'deb' : 'apk';
    const [name, build_] = build.map((part) => encodeURIComponent(part));
    const purl = `pkg:${type}/${namespace === 'dhi' ? 'dhi' : os}/${name}@${build_}`;
    const product = `${purl}?${namespace === 'dhi' ? `os_distro=${os}&` : ''}os_name=${namespace === 'dhi' ? 'dhi' : os}&os_version=${version}`;
    const file = join(temporaryFolder('vex'), 'dhi.vex.json');
    const statement = {
      vulnerability: { name: namespace === 'dhi' ? `DHI-${flaw}-${name}` : flaw, aliases: [flaw] },
      products: [{ '@id': product }, { '@id': 'pkg:docker/dhi/app', subcomponents: [{ '@id': product }] }],
      status: vex ?? 'under_investigation',
      ...(vex === 'not_affected' && { justification: 'vulnerable_code_not_in_execute_path' }),
      ...(vex === 'affected' && { action_statement: 'none' }),
      timestamp: '2026-06-30T00:00:00Z',
    };
    const document = {
      '@context': 'https://openvex.dev/ns/v0.2.0',
      '@id': 'https://example/vex',
      version: 1,
    };
    writeFileSync(
      file,
      JSON.stringify({
        ...document,
        author: 'Docker',
        timestamp: '2026-06-30T00:00:00Z',
        statements: [statement],
      }),
    );
    return file;
  }

  const judged = (root: string, ...args: readonly string[]) =>
    runHere([
      'scan',
      `dir:${root}`,
      '--feed',
      own,
      '--max-age',
      '0',
      '-o',
      'json',
      '--show-ignored',
      ...args,
    ]);

  it.each(hardenedCases)('$name, before: the rows of the base, and VEX lifts', async (each) => {
    const [id, version] = each.base.split('-') as [string, string];
    const root = rootWith({
      'etc/os-release': release(
        id,
        version,
        `Docker Hardened Images/${each.base}`,
        '',
        'NAME="Docker Hardened Images"',
      ),
      ...database(each),
    });
    const { code, out, err } = await judged(root, ...(each.vex ? ['--vex', vexFile(each, id)] : []));
    expect(out, err).not.toBe('');
    const { verdicts, uncovered } = JSON.parse(out) as Scanned;
    const { flaw, build } = each;
    expect({ code, verdicts, uncovered }).toMatchObject(
      {
        lifted: {
          ...{ code: 0, uncovered: [] },
          verdicts: [{ vulnerability: flaw, status: 'affected', ignored: { by: 'vex' } }],
        },
        affected: { code: 0, verdicts: [{ vulnerability: flaw, status: 'affected' }], uncovered: [] },
        nothing: { code: 0, verdicts: [], uncovered: [] },
        not_covered: { code: 4, verdicts: [], uncovered: [{ name: build[0], reason: 'not_covered' }] },
      }[each.before],
    );
  });

  it.each(hardenedCases)(
    '$name, after: no data of the vendor, so not covered; VEX lifts nothing',
    async (each) => {
      const [like, version] = each.base.split('-') as [string, string];
      const root = rootWith({
        'etc/os-release': release('dhi', version, 'Docker Hardened Images', like),
        ...database(each),
      });
      const { code, out, err } = await judged(root, ...(each.vex ? ['--vex', vexFile(each, 'dhi')] : []));
      expect([code, out]).toEqual([4, '']);
      expect(err).toContain(`Docker Hardened Images (dhi-${version})`);
    },
  );
});
