import { expect, it } from 'vitest';
import { Collector } from '../../../src/feed/compile/index.ts';
import type { InstalledPackage, Inventory, Platform, Statement } from '../../../src/model/index.ts';
import { judge } from '../../../src/runtime/index.ts';
import { writeFeed } from '../redhat/data/support.ts';

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
const alma = 'almalinux-9';

/** RHEL knows flaws without a fix, and fixes of its own builds; AlmaLinux knows what its errata fixed. */
function feedWith(...platforms: readonly string[]) {
  const collector = new Collector('test');
  for (const id of platforms)
    collector.platform(platform(id.split('-')[0]!, id === redHat ? 'rhel' : 'almalinux'), { inputs: [] });
  const all = [
    said(redHat, 'CVE-2024-1', 'bash', { fixState: 'will_not_fix' }),
    said(redHat, 'CVE-2024-2', 'bash', { status: 'fixed', fixed: '0:5.1.8-9.el9' }),
    said(redHat, 'CVE-2024-3', 'bash', { status: 'fixed', fixed: '0:5.1.8-3.el9' }),
    said(redHat, 'CVE-2024-4', 'bash', { status: 'fixed', fixed: '0:5.1.8-9.el9_4' }),
    said(alma, 'CVE-2024-2', 'bash', { status: 'fixed', fixed: '0:5.1.8-6.el9.alma' }),
    said(alma, 'CVE-2024-5', 'bash', { status: 'fixed', fixed: '0:5.1.8-8.el9' }),
  ];
  for (const statement of all) if (platforms.includes(statement.platform)) collector.statement(statement);
  return writeFeed(collector);
}

const bash: InstalledPackage = {
  type: 'rpm',
  name: 'bash',
  version: '5.1.8-6.el9.alma',
  arch: 'x86_64',
  source: { name: 'bash', version: '5.1.8-6.el9.alma' },
  vendor: 'AlmaLinux',
  keyId: 'd36cb86cb86b3716',
  database: '/var/lib/rpm/rpmdb.sqlite',
};
const stranger: InstalledPackage = { ...bash, vendor: 'Docker', keyId: '0123456789abcdef' };

function rows(feed: ReturnType<typeof feedWith>, packages: InstalledPackage[], map: [string, string][]) {
  const inventory: Inventory = {
    os: { id: 'almalinux', versionId: '9.4', found: '/etc/os-release' },
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

const mapped: [string, string][] = [['almalinux-9', redHat]];

it('without --platform-map what no erratum speaks of has no statement', () => {
  expect(rows(feedWith(alma, redHat), [bash], [])).toEqual({
    platform: 'almalinux-9 ',
    verdicts: ['almalinux-9 CVE-2024-5 available'],
    uncovered: 0,
  });
});

it("with it errata decide first, and Red Hat's word is added and marked; a fix of an erratum is not judged by Red Hat's version", () => {
  expect(rows(feedWith(alma, redHat), [bash], mapped)).toEqual({
    platform: 'almalinux-9 mapped_beside',
    verdicts: [
      'almalinux-9 CVE-2024-5 available',
      'rhel-9 CVE-2024-1 will_not_fix mapped',
      'rhel-9 CVE-2024-4 available mapped',
    ],
    uncovered: 0,
  });
});

it('packages of others stay uncovered', () => {
  expect(rows(feedWith(alma, redHat), [stranger], mapped)).toMatchObject({ verdicts: [], uncovered: 1 });
});

it("a feed without AlmaLinux's errata has Red Hat's word alone", () => {
  expect(rows(feedWith(redHat), [bash], mapped)).toEqual({
    platform: 'rhel-9 mapped',
    verdicts: [
      'rhel-9 CVE-2024-1 will_not_fix mapped',
      'rhel-9 CVE-2024-2 available mapped',
      'rhel-9 CVE-2024-4 available mapped',
    ],
    uncovered: 0,
  });
});
