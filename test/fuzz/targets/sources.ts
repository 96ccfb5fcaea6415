import openEulerData from '../../../feeds/openeuler.json' with { type: 'json' };
import { AdvisoryIndex } from '../../../src/distros/debian/advisory-index.ts';
import { parseAdvisoryList } from '../../../src/distros/debian/advisory-list.ts';
import { debianDefinition } from '../../../src/distros/debian/definition.ts';
import { normalizePair } from '../../../src/distros/debian/normalize.ts';
import { parsePackagesIndex } from '../../../src/distros/debian/packages-index.ts';
import { parseTracker } from '../../../src/distros/debian/tracker.ts';
import { flawTree } from '../../../src/distros/rebuild/flaw-tree.ts';
import { openEuler } from '../../../src/distros/rebuilds.ts';
import { redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import type { Tree } from '../../../src/distros/redhat/record.ts';
import { Assembly } from '../../../src/distros/redhat/settle/assembly.ts';
import { treeOf } from '../../../src/distros/redhat/trees.ts';
import { suseDefinition } from '../../../src/distros/suse/definition.ts';
import { treeOf as suseTree } from '../../../src/distros/suse/tree.ts';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { readUbuntu } from '../../../src/distros/ubuntu/read.ts';
import { Collector } from '../../../src/feed/compile/index.ts';
import { Ledger } from '../../../src/model/feed/index.ts';
import { recordOf } from '../../../src/sources/csaf-tree/archive-records.ts';
import { csafDocument } from '../../distros/rebuild/openeuler/world.ts';
import { erratum, feedVex, legacyVex } from '../../distros/redhat/support.ts';
import { vexDocument } from '../../distros/suse/world.ts';
import { stored, tar } from '../../distros/ubuntu/support.ts';
import { bodyOf } from '../../support/sources.ts';
import { damageBytes, damageJson } from '../mutate.ts';
import type { Target } from '../target.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const account = ({ records, used }: Ledger) => `${used} of ${records}`;

const release = (status: string, more: object = {}) => ({
  status,
  urgency: 'not yet assigned',
  repositories: { bookworm: '1.2-3', 'bookworm-security': '1.2-3+deb12u1' },
  ...more,
});
const tracker = {
  openssl: {
    'CVE-2024-0001': {
      description: 'a flaw',
      scope: 'remote',
      debianbug: 1_000_001,
      releases: {
        bookworm: release('resolved', { fixed_version: '1.2-3+deb12u1' }),
        trixie: release('open', { nodsa: 'minor', nodsa_reason: 'postponed' }),
        sid: release('undetermined'),
      },
    },
  },
  zlib: { 'TEMP-0000000-AAAAAA': { releases: { bookworm: release('resolved', { fixed_version: '0' }) } } },
};

async function readTracker(input: Buffer): Promise<string> {
  const ledger = new Ledger('debian');
  const releases = new Map(debianDefinition.releases.map((each) => [each.codename, each]));
  const common = { input: 'debian-tracker', ledger };
  for await (const pair of parseTracker(bodyOf(input), ledger, { input: 'debian-tracker', where: 'x' })) {
    for (const _ of normalizePair(pair, { ...common, releases, advisories: new AdvisoryIndex() })) {
      // Counted by the ledger.
    }
  }
  return account(ledger);
}

const said = {
  on: 'BaseOS-9.2.0.Z.EUS',
  packages: ['gnutls-0:3.7.6-21.el9_2.3'],
  advisory: 'RHSA-2024:2889',
};
const redhat: Record<Tree, Buffer> = {
  'redhat-vex': json(
    legacyVex('CVE-2024-28834', { fixed: [said], known_not_affected: [{ on: said.on, packages: ['vim'] }] }),
  ),
  'redhat-vex-feed': json(feedVex('CVE-2024-28834', { fixed: [{ ...said, on: 'rhel-9.4.z.eus' }] })),
  'redhat-advisories': json(
    erratum('RHSA-2024:2889', { 'CVE-2024-28834': { fixed: [{ ...said, on: 'BaseOS-9.2.0.Z.EUS' }] } }),
  ),
};

const suse = vexDocument({
  id: 'CVE-2026-1000',
  status: {
    recommended: [
      'SUSE Linux Enterprise Server 15 SP5:bash-4.4-150400.27.1',
      'SUSE Linux Enterprise Server 15 SP4-LTSS:bash-4.4-150400.29.1',
    ],
    known_affected: ['openSUSE Tumbleweed:bash'],
    known_not_affected: ['SUSE Linux Enterprise Server 15 SP5:libdcerpc-binding0-32bit'],
  },
});

const osv = {
  schema_version: '1.7.0',
  id: 'UBUNTU-CVE-2024-0001',
  details: 'a flaw',
  upstream: ['CVE-2024-0001'],
  severity: [{ type: 'Ubuntu', score: 'medium' }],
  affected: [
    {
      package: {
        name: 'demo',
        ecosystem: 'Ubuntu:22.04:LTS',
        purl: 'pkg:deb/ubuntu/demo?arch=source&distro=jammy',
      },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.0' }] }],
      versions: ['0.9'],
      ecosystem_specific: {
        binaries: [{ binary_name: 'demo', binary_version: '1.0' }],
        priority_reason: 'x',
      },
    },
  ],
};
const goodOsv = Object.fromEntries(
  Array.from({ length: 60 }, (_, at) => {
    const cve = `CVE-1999-${1000 + at}`;
    return [
      `osv/cve/1999/UBUNTU-${cve}.json`,
      JSON.stringify({ ...osv, id: `UBUNTU-${cve}`, upstream: [cve] }),
    ];
  }),
);
const notices = Object.fromEntries(
  Array.from({ length: 5 }, (_, at) => [
    `${at}-1`,
    {
      id: `${at}-1`,
      title: 'demo vulnerability',
      timestamp: 1_600_000_000 + at,
      cves: [`CVE-1999-${1000 + at}`],
      releases: { jammy: { sources: { demo: { version: '1.0' } }, binaries: { demo: { version: '1.0' } } } },
    },
  ]),
);

async function readUbuntuFiles(files: Record<string, Buffer>): Promise<string> {
  const { snapshots, store } = await stored(files);
  const collector = new Collector('ubuntu');
  await readUbuntu(snapshots, store, collector, ubuntuDefinition);
  return account(collector.ledger);
}

const advisories = Buffer.from(
  `[20 Nov 2026] DSA-5000-1 openssl - security update
	{CVE-2024-0001 CVE-2024-0002}
	[bookworm] - openssl 1.2-3+deb12u1
[19 Nov 2026] DSA-4999-2 zlib - regression update
	[trixie] - zlib 1:1.3-1
`,
);
const packages = Buffer.from(
  'Package: openssl\nSource: openssl (1.2-3)\nVersion: 1.2-3+b1\nArchitecture: amd64\n\nPackage: zlib1g\nSource: zlib\nVersion: 1:1.3\n\n',
);

function target(
  name: string,
  seeds: Record<string, Buffer>,
  run: Target['run'],
  mutate = damageJson,
): Target {
  return { name, seeds: async () => seeds, mutate, run };
}

const openEulerVex = csafDocument({
  cve: 'CVE-2026-1000',
  fixed: {
    '24.03-LTS': ['vim-9.0-33.oe2403.x86_64', 'vim-common-9.0-34.oe2403.aarch64', 'vim-9.0-33.oe2403.src'],
  },
});

export const sourceTargets: readonly Target[] = [
  target('debian-tracker', { tracker: json(tracker) }, readTracker),
  target(
    'debian-advisories',
    { advisories },
    async (input) => {
      const ledger = new Ledger('debian');
      return String(parseAdvisoryList(input.toString('utf8'), 'debian-dsa', ledger).length);
    },
    damageBytes,
  ),
  target(
    'packages-index',
    { packages },
    async (input) => {
      const rows: unknown[] = [];
      for await (const row of parsePackagesIndex(bodyOf(input), 'x', () => {})) rows.push(...row);
      return String(rows.length);
    },
    damageBytes,
  ),
  ...Object.entries(redhat).map(([tree, document]) =>
    target(tree, { [tree]: document }, async (input) => {
      const collector = new Collector('redhat');
      const assembly = new Assembly(collector, redHatDefinition);
      const record = recordOf(input, treeOf(tree as Tree, redHatDefinition), '2024/cve-2024-28834.json');
      if ('vulnerabilities' in record) assembly.add(record);
      assembly.finish();
      return account(collector.ledger);
    }),
  ),
  target('suse-csaf-vex', { 'suse-csaf-vex': json(suse) }, async (input) => {
    const { vulnerabilities, used, notes } = suseTree(suseDefinition).read(input, 'cve-2026-1000.json');
    return JSON.stringify([vulnerabilities, used, notes]);
  }),
  target('openeuler-csaf', { 'openeuler-csaf': json(openEulerVex) }, async (input) => {
    const tree = flawTree({ rebuild: openEuler, definition: openEulerData });
    const path = '2026/csaf-openeuler-cve-2026-1000.json';
    const read = recordOf(input, tree, path);
    return JSON.stringify('vulnerabilities' in read ? read : ['unreadable', read.packages]);
  }),
  target('ubuntu-osv', { osv: json(osv) }, (input) =>
    readUbuntuFiles({
      'ubuntu-osv': tar({ ...goodOsv, 'osv/cve/2024/UBUNTU-CVE-2024-0001.json': input.toString('utf8') }),
    }),
  ),
  target('ubuntu-notices', { notices: json(notices) }, (input) =>
    readUbuntuFiles({ 'ubuntu-osv': tar(goodOsv), 'ubuntu-usn': input }),
  ),
];
