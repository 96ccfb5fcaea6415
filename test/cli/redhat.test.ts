import { beforeAll, describe, expect, it, test } from 'vitest';
import { zstdStored } from '../../scripts/zstd-stored.mjs';
import { legacyVex } from '../distros/redhat/support.ts';
import { tarOf } from '../distros/redhat/tree-server.ts';
import { rootWith, scapfeed } from '../support/cli.ts';
import { type RpmSpec, rpmHeader } from '../support/rpm-header.ts';
import { rpmSqlite } from '../support/rpm-sqlite.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** From a mirror of Red Hat's tree to scans of RHEL-like images, all by the command. */
const operator = 'openshift4/ose-cluster-network-operator';
const documents = {
  '2024/cve-2024-28834.json': legacyVex('CVE-2024-28834', {
    fixed: [
      { on: 'BaseOS-9.2.0.Z.EUS', packages: ['gnutls-0:3.7.6-21.el9_2.3'], advisory: 'RHSA-2024:2889' },
      { on: 'BaseOS-9.3.0.Z.MAIN', packages: ['gnutls-0:3.7.6-23.el9_3.4'], advisory: 'RHSA-2024:1879' },
      { on: 'BaseOS-9.4.0.Z.MAIN.EUS', packages: ['gnutls-0:3.8.3-4.el9_4'], advisory: 'RHSA-2024:2570' },
    ],
  }),
  '2024/cve-2024-45337.json': legacyVex('CVE-2024-45337', {
    fixed: [
      {
        on: '9Base-RHOSE-4.16',
        packages: [
          `pkg:oci/ose-cluster-network-operator@sha256:${'0'.repeat(64)}?arch=amd64&repository_url=registry.redhat.io/${operator}&tag=v4.16.0-202412170135.p0.g0ede33d.assembly.stream.el9`,
        ],
        arch: [''],
        advisory: 'RHSA-2025:0010',
      },
    ],
  }),
};
const repositories = {
  'rhel-9-for-x86_64-baseos-rpms': { cpes: ['cpe:/o:redhat:enterprise_linux:9::baseos'] },
  'rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_0': { cpes: ['cpe:/o:redhat:rhel_eus:9.0::baseos '] },
  'rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2': {
    cpes: ['cpe:/o:redhat:rhel_eus:9.2::baseos'],
    repo_relative_urls: ['content/eus/rhel9/9.2/x86_64/baseos/os'],
  },
  'rhel-9-for-x86_64-nothing-rpms': { cpes: [], repo_relative_urls: ['content/eus/rhel9/9.2/x86_64/x/os'] },
};
/** Labels name the image otherwise than its repository is named. */
const containers = { 'openshift/ose-cluster-network-operator': [operator] };

const keys = { redHat: '199e2f91fd431d51', epel9: '8a3872bf3228467c', rocky9: '702d426d350d275d' };

let feed: string;
beforeAll(() => {
  const tree = 'security.access.redhat.com/data/csaf/v2/vex';
  const metrics = 'security.access.redhat.com/data/metrics';
  const texts = Object.fromEntries(
    Object.entries(documents).map(([path, document]) => [path, JSON.stringify(document)]),
  );
  const mirror = rootWith({
    [`${tree}/archive_latest.txt`]: 'csaf_vex_2026-05-01.tar.zst\n',
    [`${tree}/csaf_vex_2026-05-01.tar.zst`]: zstdStored(tarOf(texts)),
    [`${tree}/changes.csv`]: '',
    [`${metrics}/repository-to-cpe.json`]: JSON.stringify({ data: repositories }),
    [`${metrics}/container-name-repos-map.json`]: JSON.stringify({ data: containers }),
  });
  feed = `${temporaryFolder()}/feed`;
  const built = scapfeed([
    ...['build', '--source', 'redhat', '--mirror', mirror, '--unsigned-mirror', '--out', feed],
    ...['--snapshots', temporaryFolder()],
  ]);
  expect(built.err).toBe('');
  expect(built.code).toBe(0);
});

interface System {
  id?: string;
  version: string;
  packages: Record<string, Partial<RpmSpec> & { key?: string }>;
  files?: Record<string, string>;
}

/** A root file system with an rpm database: packages by `name-version-release`. */
function system({ id = 'rhel', version, packages, files = {} }: System): string {
  const headers = Object.entries(packages).map(([nvr, { key, ...more }]) => {
    const [, name = '', packageVersion = '', release = ''] = /^(.+)-([^-]+)-([^-]+)$/.exec(nvr)!;
    return rpmHeader({
      name,
      version: packageVersion,
      release,
      arch: 'x86_64',
      sourceRpm: `${nvr}.src.rpm`,
      ...(key === undefined ? {} : { rsaHeader: signatureBy(key) }),
      ...more,
    });
  });
  return rootWith({
    'etc/os-release': `ID="${id}"\nVERSION_ID="${version}"\nPRETTY_NAME="${id} ${version}"\n`,
    'var/lib/rpm/rpmdb.sqlite': rpmSqlite(headers),
    ...files,
  });
}

/** An OpenPGP signature packet of version 3, as far as its key id. */
function signatureBy(key: string): Buffer {
  const body = Buffer.concat([
    Buffer.from([3, 5, 0, 0x5e, 0, 0, 0]),
    Buffer.from(key, 'hex'),
    Buffer.from([1, 8, 0x12, 0x34]),
  ]);
  return Buffer.concat([Buffer.from([0x89, 0, body.length]), body]);
}

function contentManifest(...sets: string[]): Record<string, string> {
  return { 'root/buildinfo/content_manifests/image-1-1.json': JSON.stringify({ content_sets: sets }) };
}

const redHat = { vendor: 'Red Hat, Inc.', key: keys.redHat };
const scan = (root: string, ...args: string[]) =>
  scapfeed(['scan', root, '--feed', feed, '--max-age', '0', ...args]);
/** The table's rows of a vulnerability: the installed version and what can be done. */
const rowOf = (out: string, id = 'CVE-2024-28834') =>
  out
    .split(/\n(?! )/)
    .filter((row) => row.startsWith(id))
    .map((row) => {
      const [flaw = '', ...action] = row.split('\n').map((line) => line.trim());
      return `${flaw.split(/ {2,}/).at(-1)!.split(' ')[1]} | ${action.join(' ')}`;
    });

describe('streams by content sets and --stream (grype#2847, claircore#809)', () => {
  const eus90 = contentManifest('rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_0');
  const eus92 = contentManifest('rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2');
  const main = contentManifest('rhel-9-for-x86_64-baseos-rpms');
  const ofEus = '3.7.6-21.el9_2.2 | fix available: 0:3.7.6-21.el9_2.3 (eus, RHSA-2024:2889)';
  const outOfReach = '3.7.3-9.el9 | fixed in another channel: 0:3.7.6-23.el9_3.4 (main-9.3, RHSA-2024:1879)';

  test.each([
    ['9.2 on EUS by its content sets', '9.2', '3.7.6-21.el9_2.2', eus92, [], ofEus],
    ['9.2 on EUS by the option', '9.2', '3.7.6-21.el9_2.2', {}, ['--stream', 'eus'], ofEus],
    [
      '9.2 on main by its content sets: the next fix of main',
      '9.2',
      '3.7.6-21.el9_2.2',
      main,
      [],
      '3.7.6-21.el9_2.2 | fix available: 0:3.7.6-23.el9_3.4 (RHSA-2024:1879)',
    ],
    [
      'the option outweighs the content sets',
      '9.2',
      '3.7.6-21.el9_2.2',
      eus92,
      ['--stream', 'main'],
      '3.7.6-21.el9_2.2 | fix available: 0:3.7.6-23.el9_3.4 (RHSA-2024:1879)',
    ],
    ['9.0 on EUS: fixed in 9.3, out of its reach', '9.0', '3.7.3-9.el9', eus90, [], outOfReach],
    ['9.0 on EUS by the option', '9.0', '3.7.3-9.el9', {}, ['--stream', 'eus'], outOfReach],
    ...(
      [
        [
          'content sets that nobody knows leave it on main (SECDATA-966)',
          contentManifest('no-such-repository'),
        ],
        ['so does an empty list of them (SECDATA-1089)', contentManifest()],
        ['one without any CPE (SECDATA-797)', contentManifest('rhel-9-for-x86_64-nothing-rpms')],
        [
          'and a relative URL in place of an id (SECDATA-1020)',
          contentManifest('content/eus/rhel9/9.2/x86_64/baseos/os'),
        ],
      ] as const
    ).map(
      ([what, files]) =>
        [
          what,
          '9.4',
          '3.8.3-1.el9',
          files,
          [],
          '3.8.3-1.el9 | fix available: 0:3.8.3-4.el9_4 (RHSA-2024:2570)',
        ] as const,
    ),
  ] as const)('%s', (_, version, build, files, args, expected) => {
    const { out, code } = scan(
      system({ version, packages: { [`gnutls-${build}`]: redHat }, files }),
      ...args,
    );

    expect(rowOf(out)).toEqual([expected]);
    expect(code).toBe(0);
  });

  it('a fix out of reach is no fix to install', () => {
    const root = system({ version: '9.0', packages: { 'gnutls-3.7.3-9.el9': redHat }, files: eus90 });

    expect(scan(root).out).toContain('1 flaw of source packages: 0 with a fix to install, 1 without');
    expect(rowOf(scan(root, '--only-fixed').out)).toEqual([]);
  });

  it('a stream that there is none of is a wrong use', () => {
    const { code, err } = scan(
      system({ version: '9.4', packages: { 'gnutls-1-1': redHat } }),
      '--stream',
      'EUS',
    );

    expect(code).toBe(2);
    expect(err).toContain('eus');
  });
});

describe('rebuilds of RHEL are not RHEL', () => {
  const mapped = 'of another distribution, by --platform-map';
  const rocky = { vendor: 'Rocky Enterprise Software Foundation', key: keys.rocky9 };
  const alma = { vendor: 'AlmaLinux', key: 'd36cb86cb86b3716' };
  const centos = { vendor: 'CentOS', key: '05b555b38483c65d' };

  describe.each([
    ['rocky', '9.4', rocky, 'the feed has no data for rocky 9.4 (rocky-9.4)', mapped],
    ['almalinux', '9.4', alma, 'the feed has no data for almalinux 9.4 (almalinux-9.4)', mapped],
    [
      'centos',
      '9',
      centos,
      'centos 9 (centos-9) has no security data of its own',
      `${mapped}; which is made from this one: newer builds may lack its fixes`,
    ],
  ])('%s', (id, version, signer, why, marks) => {
    const root = () => system({ id, version, packages: { 'gnutls-3.8.2-3.el9': signer } });

    it('is not covered', () => {
      const { code, out, err } = scan(root());

      expect(code).toBe(4);
      expect(out).toBe('');
      expect(err).toContain(why);
    });

    it('is judged where the user maps it, and the result says so', () => {
      const { code, out } = scan(root(), '--platform-map', `${id}=rhel-9`);

      expect(out).toContain(
        `judged as Red Hat Enterprise Linux 9 (made from data without a signature; ${marks})`,
      );
      expect(rowOf(out)).toEqual(['3.8.2-3.el9 | fix available: 0:3.8.3-4.el9_4 (RHSA-2024:2570, mapped)']);
      expect(code).toBe(0);
    });

    it('judged as RHEL without being mapped, its packages are strangers', () => {
      const { code, out } = scan(root(), '--platform', 'rhel-9');

      expect(rowOf(out)).toEqual([]);
      expect(out).toContain('0 packages judged, 1 not covered');
      expect(code).toBe(4);
    });
  });
});

describe('who made a package', () => {
  const packages = {
    'gnutls-3.8.2-3.el9': { vendor: 'Red Hat, Inc.' },
    'htop-3.3.0-1.el9': { vendor: 'Fedora Project', key: keys.epel9 },
    'mytool-1.0-1.el9': { vendor: 'Fedora Copr - user someone', key: '00112233445566aa' },
  };

  it('EPEL and COPR are not covered and counted, the unsigned is judged and flagged', () => {
    const { code, out } = scan(system({ version: '9.4', packages }));

    expect(rowOf(out)).toEqual(['3.8.2-3.el9 | fix available: 0:3.8.3-4.el9_4 (RHSA-2024:2570, unsigned)']);
    expect(out).toContain(`1 package judged, 2 not covered
  htop 3.3.0-1.el9: no data: not Red Hat's: key of EPEL 9
  mytool 1.0-1.el9: no data: not Red Hat's: vendor Fedora Copr - user someone
`);
    expect(code).toBe(4);
    expect(scan(system({ version: '9.4', packages }), '--allow-uncovered').code).toBe(0);
  });
});

describe('containers', () => {
  const labels = (more: object) => ({
    'root/buildinfo/labels.json': JSON.stringify({
      name: 'openshift/ose-cluster-network-operator',
      'com.redhat.component': 'cluster-network-operator-container',
      version: 'v4.16.0',
      release: '202406200537.p0.g0ede33d.assembly.stream.el9',
      architecture: 'x86_64',
      cpe: 'cpe:/a:redhat:openshift:4.16::el9',
      ...more,
    }),
  });
  const packages = { 'gnutls-3.8.3-4.el9_4': redHat };
  const image = (more: object = {}) => system({ version: '9.4', packages, files: labels(more) });

  it('are judged as a whole, by the repository that Red Hat publishes their name in', () => {
    const { out, code } = scan(image());

    expect(rowOf(out, 'CVE-2024-45337')).toEqual([
      [
        'v4.16.0-202406200537.p0.g0ede33d.assembly.stream.el9',
        'fix available: v4.16.0-202412170135.p0.g0ede33d.assembly.stream.el9 ' +
          '(cpe:/a:redhat:openshift:4.16::el9, RHSA-2025:0010, container); ' +
          'in openshift/ose-cluster-network-operator',
      ].join(' | '),
    ]);
    expect(out).toContain('1 package judged, 0 not covered');
    expect(code).toBe(0);
  });

  it('whose version cannot be compared are no clean result', () => {
    const { out, code } = scan(image({ release: undefined }));

    expect(out).toContain(
      'openshift/ose-cluster-network-operator v4.16.0: cannot be judged (1 fixed in versions that cannot be compared with its own)',
    );
    expect(code).toBe(4);
  });

  it('whose CPE nobody tells are not looked up, and that is a note', () => {
    const { out, code } = scan(image({ cpe: undefined }));

    expect(out).toContain('note: container product unknown at /root/buildinfo/labels.json');
    expect(code).toBe(0);
  });

  it('are explained by name', () => {
    const { out, code } = scapfeed([
      ...['explain', image(), 'CVE-2024-45337', 'openshift/ose-cluster-network-operator'],
      ...['--feed', feed, '--max-age', '0'],
    ]);

    expect(out).toContain('affected, fix available');
    expect(out).toContain('is older than v4.16.0-202412170135.p0.g0ede33d.assembly.stream.el9 (tag order)');
    expect(code).toBe(0);
  });

  it('in JSON keep to the schema', async () => {
    const { schemaErrors } = await import('../../src/validate/json-schema.ts');
    const { out } = scan(image({ version: undefined, release: undefined }), '-o', 'json');

    expect(schemaErrors('scan-result', JSON.parse(out))).toEqual([]);
    expect(JSON.parse(out).uncovered).toMatchObject([
      { type: 'oci', version: 'unknown', reason: 'undecidable' },
    ]);
  });
});

it('a feed with both maps keeps to its schemas', () => {
  const { code, err } = scapfeed(['validate', feed]);

  expect(err).toContain('a sound feed');
  expect(code).toBe(0);
});
