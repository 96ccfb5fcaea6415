import { describe, expect, it } from 'vitest';
import { Collector } from '../../../src/feed/compile/index.ts';
import type { Platform, Statement } from '../../../src/model/feed/index.ts';
import type { InstalledPackage, Inventory } from '../../../src/model/inventory/index.ts';
import { judge } from '../../../src/runtime/index.ts';
import { writeFeed } from '../redhat/support.ts';

const platform = (id: string, os: string): Platform => ({
  id: `${id}-9`,
  name: id,
  aliases: [],
  os: { id: os, version: '9' },
  packaging: 'rpm',
  life: [],
});

const said = (on: string, vulnerability: string, name: string, rest: Partial<Statement>): Statement => ({
  platform: on,
  vulnerability,
  package: name,
  status: 'affected',
  severity: 'medium',
  evidence: 'test#/x',
  subject: 'binary',
  ...rest,
});

const redHat = 'rhel-9';

/** A rebuild of RHEL, and how its packages look. */
interface Rebuild {
  id: string;
  vendor: string;
  keyId: string;
}

const rebuilds: Rebuild[] = [
  { id: 'almalinux', vendor: 'AlmaLinux', keyId: 'd36cb86cb86b3716' },
  { id: 'rocky', vendor: 'Rocky Enterprise Software Foundation', keyId: '702d426d350d275d' },
];

/** RHEL knows flaws without a fix, and fixes of its own builds; a rebuild knows what its errata fixed. */
function feedWith(id: string, ...platforms: readonly string[]) {
  const own = `${id}-9`;
  const collector = new Collector('test');
  for (const each of platforms)
    collector.platform(platform(each.split('-')[0]!, each === redHat ? 'rhel' : id), { inputs: [] });
  const all = [
    said(redHat, 'CVE-2024-1', 'bash', { fixState: 'will_not_fix' }),
    said(redHat, 'CVE-2024-2', 'bash', { status: 'fixed', fixed: '0:5.1.8-9.el9' }),
    said(redHat, 'CVE-2024-3', 'bash', { status: 'fixed', fixed: '0:5.1.8-3.el9' }),
    said(redHat, 'CVE-2024-4', 'bash', { status: 'fixed', fixed: '0:5.1.8-9.el9_4' }),
    said(own, 'CVE-2024-2', 'bash', { status: 'fixed', fixed: '0:5.1.8-6.el9.0.1' }),
    said(own, 'CVE-2024-5', 'bash', { status: 'fixed', fixed: '0:5.1.8-8.el9' }),
  ];
  for (const statement of all) if (platforms.includes(statement.platform)) collector.statement(statement);
  return writeFeed(collector);
}

const bashOf = ({ vendor, keyId }: Omit<Rebuild, 'id'>): InstalledPackage => ({
  type: 'rpm',
  name: 'bash',
  version: '5.1.8-6.el9.0.1',
  arch: 'x86_64',
  source: { name: 'bash', version: '5.1.8-6.el9.0.1' },
  vendor,
  keyId,
  database: '/var/lib/rpm/rpmdb.sqlite',
});
const stranger = bashOf({ vendor: 'Docker', keyId: '0123456789abcdef' });

function rows(
  id: string,
  feed: ReturnType<typeof feedWith>,
  packages: InstalledPackage[],
  map: [string, string][],
) {
  const inventory: Inventory = {
    os: { id, versionId: '9.4', found: '/etc/os-release' },
    databases: [{ kind: 'rpm-sqlite', path: '/var/lib/rpm/rpmdb.sqlite', packages: packages.length }],
    packages,
    notes: [],
  };
  const result = judge(feed, inventory, { map: new Map(map), now: new Date('2026-05-02') });
  return {
    platform: `${result.platform.id} ${result.platform.marks.join()}`,
    verdicts: result.verdicts
      .map(({ platform: on, vulnerability, fixState, marks }) =>
        [on, vulnerability, fixState, ...marks].join(' '),
      )
      .sort(),
    uncovered: result.uncovered.length,
  };
}

describe.each(rebuilds)('a system of $id', ({ id, ...maker }) => {
  const own = `${id}-9`;
  const bash = bashOf(maker);
  const mapped: [string, string][] = [[own, redHat]];

  it('without --platform-map what no erratum speaks of has no statement', () => {
    expect(rows(id, feedWith(id, own, redHat), [bash], [])).toEqual({
      platform: `${own} `,
      verdicts: [`${own} CVE-2024-5 available`],
      uncovered: 0,
    });
  });

  it("with it errata decide first, and Red Hat's word is added and marked; a fix of an erratum is not judged by Red Hat's version", () => {
    expect(rows(id, feedWith(id, own, redHat), [bash], mapped)).toEqual({
      platform: `${own} mapped_beside`,
      verdicts: [
        `${own} CVE-2024-5 available`,
        'rhel-9 CVE-2024-1 will_not_fix mapped',
        'rhel-9 CVE-2024-4 available mapped',
      ].sort(),
      uncovered: 0,
    });
  });

  it('packages of others stay uncovered', () => {
    expect(rows(id, feedWith(id, own, redHat), [stranger], mapped)).toMatchObject({
      verdicts: [],
      uncovered: 1,
    });
  });

  it("a feed without the rebuild's errata has Red Hat's word alone", () => {
    expect(rows(id, feedWith(id, redHat), [bash], mapped)).toEqual({
      platform: 'rhel-9 mapped',
      verdicts: [
        'rhel-9 CVE-2024-1 will_not_fix mapped',
        'rhel-9 CVE-2024-2 available mapped',
        'rhel-9 CVE-2024-4 available mapped',
      ],
      uncovered: 0,
    });
  });
});

/** Docker's own repositories for RHEL, CentOS and Fedora: a name that no vendor of a system ships. */
describe.each([
  ['its vendor', { vendor: 'Docker' }],
  ['a key that is not known', { keyId: '0123456789abcdef' }],
  ['a vendor and a key', { vendor: 'Docker', keyId: '0123456789abcdef' }],
  ['neither', {}],
])("containerd.io by Docker's rpm, with %s", (_, origin) => {
  const docker: InstalledPackage = {
    type: 'rpm',
    name: 'containerd.io',
    version: '1.6.24-3.1.el9',
    arch: 'x86_64',
    source: { name: 'containerd.io', version: '1.6.24-3.1.el9' },
    ...origin,
    database: '/var/lib/rpm/rpmdb.sqlite',
  };
  it.each([
    ['rhel', ['rhel-9'], []],
    ...rebuilds.map(({ id }) => [id, [`${id}-9`, 'rhel-9'], []] as const),
    ...rebuilds.map(({ id }) => [id, [`${id}-9`, 'rhel-9'], [[`${id}-9`, 'rhel-9']]] as const),
  ] as [string, string[], [string, string][]][])('on %s is not covered, and not clean', (id, feed, map) => {
    expect(rows(id, feedWith(id, ...feed), [docker], map)).toMatchObject({ verdicts: [], uncovered: 1 });
  });
});
