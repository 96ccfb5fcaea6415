import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readInventory } from '../../src/inventory/index.ts';
import { alpineTrial } from '../prove/alpine-trials.ts';
import { amazonTrial } from '../prove/amazon-trials.ts';
import { azureTrial } from '../prove/azure-trials.ts';
import { rpmDatabaseMaker, writeRoot } from '../prove/compare.ts';
import { debianTrial, ubuntuTrial } from '../prove/dpkg-trials.ts';
import { almaTrial, rockyTrial } from '../prove/errata-trials.ts';
import { debianRootTrial, rhelListTrial, suseListTrial, ubuntuListTrial } from '../prove/real-trials.ts';
import { rhelTrial } from '../prove/rpm-trials.ts';
import { suseTrial } from '../prove/suse-trials.ts';
import { scapfeed } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { debianRoot } from '../support/debian-images.ts';
import { dirView } from '../support/dir-view.ts';
import { buildGo } from '../support/go.ts';
import { hasBboltSources, hasOracle, isRoot, npmCommand } from '../support/oracles.ts';
import { writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type Bucket, writeTrivyBuckets } from '../support/trivy-db.ts';
import { proveTrial } from './prove-trial.ts';
import { rhel10Trial } from './rhel10-trial.ts';
import { trivyFindings, trivyFindingsIn, trivyJudge } from './trivy.ts';

const maker = hasData('rpm-lists') && existsSync(rpmDatabaseMaker) && hasOracle('python3', 'rpm');

describe.skipIf(npmCommand('trivy') === undefined)('real Trivy with our export finds what scan finds', () => {
  test.each([
    ['Debian', debianTrial],
    ['Ubuntu', ubuntuTrial],
    ['Alpine', alpineTrial],
  ] as const)('on random %s systems', async (_, make) => {
    const found = await proveTrial(make(1, { packages: 150, flawsPerPackage: 12 }), trivyJudge);

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(found.compared / 2);
  });

  test.skipIf(!maker).each([
    ['AlmaLinux', almaTrial],
    ['Rocky Linux', rockyTrial],
    ['Amazon Linux', amazonTrial],
    ['Azure Linux', azureTrial],
  ])('on random systems with modules, or lines of versions: %s', async (_, make) => {
    const found = await proveTrial(make(1, { packages: 150, flawsPerPackage: 12 }), trivyJudge);

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(found.compared / 2);
  });

  test.skipIf(!maker).each(['sles-15.5', 'opensuse-leap-15.6'])(
    'on random systems of SUSE, where there is a fix: %s',
    async (id) => {
      const found = await proveTrial(suseTrial(1, { packages: 150, flawsPerPackage: 12 }, id), trivyJudge);

      expect(found.unexplained).toEqual([]);
      expect(found.equal).toBeGreaterThan(300);
      expect([...found.explained.keys()].sort()).toEqual(['foreign_vendor', 'unstated_epoch', 'without_fix']);
    },
  );

  test.skipIf(!maker)('on the packages of a real base image of SLES 15, where there is a fix', async () => {
    const trial = suseListTrial(dataPath('rpm-lists/SLE15WithNDB.json'), '15.3');
    const found = await proveTrial(trial, trivyJudge);

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(60);
    expect([...found.explained.keys()]).toEqual(['without_fix']);
  });

  test.skipIf(!maker)('on random RHEL systems with modules', async () => {
    const found = await proveTrial(rhelTrial(1, { packages: 150, flawsPerPackage: 12 }), trivyJudge);

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(found.compared / 2);
  });

  test.skipIf(!maker)(
    'on RHEL 10 with a content manifest, of which its own database says nothing',
    async () => {
      const trial = rhel10Trial(1, { packages: 60, flawsPerPackage: 12 });
      const found = await proveTrial(trial, trivyJudge);

      expect(found.unexplained).toEqual([]);
      expect(found.equal).toBe(found.compared);
      expect(found.compared).toBeGreaterThan(200);
      // The rows as Trivy's own database has them: for repositories of RHEL 6 to 9.
      const work = temporaryFolder();
      const root = join(work, 'root');
      writeRoot(root, {
        ...trial,
        files: { ...trial.files, 'etc/redhat-release': `${rhel10} release 10.0 (Name)\n` },
      });
      writeTrivyBuckets(join(work, 'trivy-cache'), ownRows(trial.statements.map((each) => each.package)));
      // It ends with an error that it does not print.
      expect(() => trivyFindingsIn(['rootfs', root], work)).toThrow('trivy: ');
    },
  );

  test.skipIf(!hasOracle('mmdebstrap') || !isRoot())('on real Debian systems', async () => {
    for (const [suite, release] of [
      ['bookworm', '12'],
      ['trixie', '13'],
    ] as const) {
      const root = debianRoot(suite, 'current');
      const trial = debianRootTrial(root, release, readInventory(dirView(root)));
      const found = await proveTrial(trial, trivyJudge);

      expect(found.unexplained).toEqual([]);
      expect(found.equal).toBe(found.compared);
      expect(found.compared).toBeGreaterThan(200);
    }
  });

  test.skipIf(!hasData('distroless'))('on a distroless image', async () => {
    const root = dataPath('distroless/rootfs');
    const trial = debianRootTrial(root, '12', readInventory(dirView(root)));
    const found = await proveTrial(trial, trivyJudge);

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBe(found.compared);
    expect(found.compared).toBeGreaterThan(10);
  });

  test.skipIf(!hasData('expected-inventory')).each([
    ['ubuntu-jammy.tsv', '22.04'],
    ['ubuntu-noble.tsv', '24.04'],
  ])('on the packages of a real Ubuntu image: %s', async (list, version) => {
    const trial = ubuntuListTrial(dataPath('expected-inventory', list), version);
    const found = await proveTrial(trial, trivyJudge);

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(200);
  });

  test.skipIf(!maker).each([
    ['a real UBI image', 'UBI8s390x', 4, 300],
    ['a real root with modules, as Red Hat would have signed them', 'CentOS8Modularitylabel', 2, 1000],
  ])('on the packages of %s', async (_, list, minor, equal) => {
    const found = await proveTrial(rhelListTrial(dataPath(`rpm-lists/${list}.json`), '8', minor), trivyJudge);

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(equal);
  });
});

test.skipIf(npmCommand('trivy') === undefined)(
  'Trivy by the built command: status, severity and its source',
  () => {
    const feed = writeSmallFeed(
      [
        {
          platform: {
            id: 'debian-12',
            name: 'Debian GNU/Linux 12',
            aliases: [],
            os: { id: 'debian', version: '12' },
            packaging: 'deb',
            life: [],
          },
          statements: [
            {
              vulnerability: 'CVE-2024-1',
              package: 'zlib',
              status: 'fixed',
              fixed: '1:1.2.13.dfsg-2',
              severity: 'high',
            },
            { vulnerability: 'CVE-2024-2', package: 'zlib', status: 'affected', fixState: 'will_not_fix' },
            { vulnerability: 'CVE-2024-3', package: 'zlib', status: 'under_investigation' },
            { vulnerability: 'CVE-2024-4', package: 'zlib', status: 'affected', fixState: 'none_yet' },
            { vulnerability: 'CVE-2024-5', package: 'zlib', status: 'affected', fixState: 'none_yet' },
          ],
        },
      ],
      undefined,
      [
        {
          id: 'CVE-2024-4',
          ratings: [
            {
              source: 'nvd',
              version: '3.1',
              score: 9.8,
              vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
            },
          ],
        },
        {
          id: 'CVE-2024-5',
          ratings: [
            {
              source: 'cna',
              version: '3.1',
              score: 5,
              vector: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:L',
            },
          ],
        },
      ],
    );
    const work = temporaryFolder();
    const out = join(work, 'exports');
    expect(scapfeed(['export', '--feed', feed, '--to', 'trivy', '--out', out]).code).toBe(0);
    const root = join(work, 'root');
    mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/debian_version'), '12.5\n');
    writeFileSync(
      join(root, 'var/lib/dpkg/status'),
      'Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nSource: zlib\nVersion: 1:1.2.13.dfsg-1\n',
    );
    const found = trivyFindings(out, root, work);
    const told = found.map(({ VulnerabilityID, Status, Severity, SeveritySource }) =>
      [VulnerabilityID, Status, Severity, SeveritySource].join(' '),
    );

    expect(told.sort()).toEqual([
      'CVE-2024-1 fixed HIGH debian',
      'CVE-2024-2 will_not_fix UNKNOWN ',
      'CVE-2024-3 under_investigation UNKNOWN ',
      'CVE-2024-4 affected CRITICAL nvd',
      'CVE-2024-5 affected MEDIUM ',
    ]);
  },
);

test.skipIf(!hasOracle('go') || !hasBboltSources())("bbolt's own check finds no fault", () => {
  const check = buildGo(join(import.meta.dirname, '../export/bbolt-check.go'));
  const feed = writeSmallFeed([bigPlatform()]);
  const out = join(temporaryFolder(), 'exports');
  expect(scapfeed(['export', '--feed', feed, '--to', 'trivy', '--out', out]).code).toBe(0);

  // 300 packages, one of them with 3,000 flaws, beside data-source, vulnerability and the platform.
  expect(execFileSync(check, [join(out, 'trivy/trivy.db')], { encoding: 'utf8' })).toMatch(
    /^30[3-9] buckets, \d+ pairs, 0 faults\n$/,
  );
});

const rhel10 = 'Red Hat Enterprise Linux';

function ownRows(packages: readonly string[]): Bucket {
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const row = json({ Entries: [{ Cves: [{ Severity: 3 }], Affected: [1], Status: 2 }] });
  return {
    'data-source': { 'Red Hat': json({ ID: 'redhat', Name: 'Red Hat', URL: 'https://example.test' }) },
    'Red Hat': Object.fromEntries(packages.map((name) => [name, { 'CVE-2026-10000': row }])),
    'Red Hat CPE': {
      cpe: { '1': json('cpe:/o:redhat:enterprise_linux:9::baseos') },
      nvr: {},
      repository: { 'rhel-9-for-x86_64-baseos-rpms': json([1]) },
    },
    vulnerability: { 'CVE-2026-10000': json({ Title: 'a flaw', Severity: 'HIGH' }) },
  };
}

function bigPlatform(): Parameters<typeof writeSmallFeed>[0][number] {
  const statements = Array.from({ length: 3000 + 299 * 5 }, (_, at) => ({
    vulnerability: `CVE-2024-${10_000 + at}`,
    package: at < 3000 ? 'linux' : `package-${at % 299}`,
    status: 'affected' as const,
    fixState: 'none_yet' as const,
  }));
  return {
    platform: {
      id: 'debian-12',
      name: 'Debian GNU/Linux 12',
      aliases: [],
      os: { id: 'debian', version: '12' },
      packaging: 'deb',
      life: [],
    },
    statements,
  };
}
