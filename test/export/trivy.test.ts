import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { exportNames } from '../../src/export/target-names.ts';
import { exportTargets } from '../../src/export/targets.ts';
import type { Platform } from '../../src/model/feed/index.ts';
import { scapfeed } from '../support/cli.ts';
import { bookworm, type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type BoltTree, readBolt } from './read-bolt.ts';

const focal: Platform = {
  ...bookworm,
  id: 'ubuntu-20.04',
  name: 'Ubuntu 20.04 LTS',
  aliases: [],
  os: { id: 'ubuntu', version: '20.04', codename: 'focal' },
};

const rhel9: Platform = {
  ...bookworm,
  id: 'rhel-9',
  name: 'Red Hat Enterprise Linux 9',
  aliases: [],
  os: { id: 'rhel', version: '9' },
  packaging: 'rpm',
};

const sid: Platform = { ...bookworm, id: 'debian-sid', os: { id: 'debian', codename: 'sid' } };

function exported(platforms: readonly SmallPlatform[]) {
  const feed = writeSmallFeed(platforms);
  const out = join(temporaryFolder(), 'exports');
  const run = scapfeed(['export', '--feed', feed, '--to', 'trivy', '--out', out]);
  expect(run.err).toBe('');
  expect(run.code).toBe(0);
  const file = readFileSync(join(out, 'trivy/trivy.db'));
  const inexact = JSON.parse(readFileSync(join(out, 'trivy.inexact.json'), 'utf8'));
  return { feed, out, run, file, inexact, tree: parsed(readBolt(file)) as Record<string, object> };
}

/** Values of the database are JSON. */
function parsed(tree: BoltTree): object {
  const entries = Object.entries(tree).map(([key, value]) => [
    key,
    typeof value === 'string' ? JSON.parse(value) : parsed(value),
  ]);
  return Object.fromEntries(entries);
}

describe('the buckets of Trivy', () => {
  test('Debian: by source package and vulnerability; what is not affected is left out', () => {
    const { tree } = exported([
      {
        platform: bookworm,
        statements: [
          {
            vulnerability: 'CVE-2024-1',
            package: 'glibc',
            status: 'fixed',
            fixed: '2.36-9+deb12u6',
            advisories: ['DSA-1-1'],
            severity: 'high',
          },
          { vulnerability: 'CVE-2024-2', package: 'glibc', status: 'affected', fixState: 'will_not_fix' },
          { vulnerability: 'CVE-2024-3', package: 'glibc', status: 'not_affected' },
          { vulnerability: 'CVE-2024-4', package: 'zlib', status: 'under_investigation' },
          { vulnerability: 'CVE-2024-5', package: 'zlib', status: 'affected', fixState: 'none_yet' },
        ],
      },
    ]);

    expect(tree).toMatchObject({
      'data-source': { 'debian 12': { ID: 'debian' } },
      'debian 12': {
        glibc: {
          'CVE-2024-1': { FixedVersion: '2.36-9+deb12u6', VendorIDs: ['DSA-1-1'], Severity: 3 },
          'CVE-2024-2': { Status: 5 },
        },
        zlib: { 'CVE-2024-4': { Status: 4 }, 'CVE-2024-5': {} },
      },
      vulnerability: { 'CVE-2024-1': { Severity: 'UNKNOWN', VendorSeverity: { debian: 3 } } },
    });
    expect(Object.keys(tree['vulnerability'] ?? {})).not.toContain('CVE-2024-3');
  });

  test('Ubuntu: a bucket for systems with ESM, which has the rows of the archive too', () => {
    const { tree, inexact } = exported([
      {
        platform: focal,
        statements: [
          { vulnerability: 'CVE-2024-1', package: 'curl', status: 'fixed', fixed: '7.68-1' },
          {
            vulnerability: 'CVE-2024-2',
            package: 'curl',
            status: 'affected',
            fixState: 'other_channel',
            reason: 'esm-infra',
            channelFix: '7.68-2+esm1',
          },
          {
            vulnerability: 'CVE-2024-2',
            package: 'curl',
            status: 'fixed',
            fixed: '7.68-2+esm1',
            channel: 'esm-infra',
          },
          {
            vulnerability: 'CVE-2024-3',
            package: 'curl',
            status: 'fixed',
            fixed: '7.68-3fips1',
            channel: 'fips',
          },
        ],
      },
    ]);
    const curl = { 'CVE-2024-1': { FixedVersion: '7.68-1' }, 'CVE-2024-2': { FixedVersion: '7.68-2+esm1' } };

    expect(tree['ubuntu 20.04']).toEqual({ curl });
    expect(tree['ubuntu 20.04-ESM']).toEqual({ curl });
    expect(inexact.platforms[0].entries).toContainEqual(
      expect.objectContaining({ cause: 'other_channel', count: 1, examples: ['CVE-2024-2 curl'] }),
    );
  });

  test('Red Hat: by binary package and advisory, with the streams that a row is for', () => {
    const { tree } = exported([
      {
        platform: rhel9,
        data: { binaries: new Map([['openssl', ['openssl', 'openssl-libs']]]) },
        statements: [
          {
            vulnerability: 'CVE-2024-1',
            package: 'openssl',
            status: 'fixed',
            fixed: '1:3.0.7-27.el9',
            minor: 4,
            advisories: ['RHSA-2024:1'],
            severity: 'low',
          },
          {
            vulnerability: 'CVE-2024-1',
            package: 'openssl',
            status: 'fixed',
            fixed: '1:3.0.7-18.el9_2',
            channel: 'eus',
            minor: 2,
            advisories: ['RHSA-2024:2'],
            severity: 'low',
          },
          {
            vulnerability: 'CVE-2024-2',
            package: 'openssl',
            status: 'affected',
            fixState: 'fix_deferred',
            severity: 'medium',
            arch: ['x86_64'],
          },
          {
            vulnerability: 'CVE-2024-2',
            package: 'openssl',
            status: 'not_affected',
            arch: ['aarch64'],
          },
          {
            vulnerability: 'CVE-2024-3',
            package: 'npm',
            subject: 'binary',
            status: 'affected',
            fixState: 'none_yet',
            module: 'nodejs:18',
          },
        ],
      },
    ]);
    const { cpe, repository } = tree['Red Hat CPE'] as Record<string, Record<string, unknown>>;
    const [main, eus] = ['cpe:/o:redhat:enterprise_linux:9', 'cpe:/o:redhat:rhel_eus:9.2'].map((name) =>
      Number(Object.keys(cpe!).find((at) => cpe![at] === name)),
    );

    expect(repository!['rhel-9-for-x86_64-baseos-rpms']).toEqual([main]);
    expect(tree['Red Hat']).toEqual({
      openssl: expect.anything(),
      'openssl-libs': {
        'RHSA-2024:1': {
          Entries: [
            {
              FixedVersion: '1:3.0.7-27.el9',
              Cves: [{ ID: 'CVE-2024-1', Severity: 1 }],
              Affected: [main],
              Status: 3,
            },
          ],
        },
        'RHSA-2024:2': {
          Entries: [
            {
              FixedVersion: '1:3.0.7-18.el9_2',
              Cves: [{ ID: 'CVE-2024-1', Severity: 1 }],
              Affected: [eus],
              Status: 3,
            },
          ],
        },
        'CVE-2024-2': {
          Entries: [
            {
              Cves: [{ Severity: 2 }],
              Arches: ['i686', 'noarch', 'ppc64', 'ppc64le', 's390', 's390x', 'x86_64'],
              Affected: [main, eus].sort(),
              Status: 6,
            },
          ],
        },
      },
      'nodejs:18::npm': {
        'CVE-2024-3': { Entries: [{ Cves: [{ Severity: 0 }], Affected: [main, eus].sort(), Status: 2 }] },
      },
    });
  });

  test('AlmaLinux: the fix of x86_64, whatever other architectures have; what they have is counted', () => {
    const fix = (vulnerability: string, fixed: string, ...arch: readonly string[]) => ({
      vulnerability,
      package: 'Judy',
      subject: 'binary' as const,
      status: 'fixed' as const,
      fixed,
      advisories: ['ALSA-2022:1556'],
      arch,
    });
    const { tree, inexact } = exported([
      {
        platform: { ...bookworm, id: 'almalinux-8', os: { id: 'almalinux', version: '8' }, packaging: 'rpm' },
        statements: [
          fix('CVE-2024-1', '0:1.0.5-18.el8.3', 'aarch64', 's390x'),
          fix('CVE-2024-1', '0:1.0.5-18.el8.2', 'i686', 'x86_64'),
          fix('CVE-2024-2', '0:1.0.5-18.el8.3', 'aarch64'),
          fix('CVE-2024-3', '0:1.0.5-18.el8.2', 'x86_64'),
        ],
      },
    ]);

    expect(tree['alma 8']).toEqual({
      Judy: {
        'CVE-2024-1': { FixedVersion: '0:1.0.5-18.el8.2', VendorIDs: ['ALSA-2022:1556'] },
        'CVE-2024-2': { FixedVersion: '0:1.0.5-18.el8.3', VendorIDs: ['ALSA-2022:1556'] },
        'CVE-2024-3': { FixedVersion: '0:1.0.5-18.el8.2', VendorIDs: ['ALSA-2022:1556'] },
      },
    });
    expect(inexact.platforms[0].entries).toContainEqual(
      expect.objectContaining({ cause: 'architecture', count: 1, examples: ['CVE-2024-1 Judy'] }),
    );
  });

  test('RHEL 10: its rows are those of images with its repositories', () => {
    const { tree } = exported([
      {
        platform: { ...rhel9, id: 'rhel-10', os: { id: 'rhel', version: '10' } },
        data: { binaries: new Map([['bash', ['bash']]]) },
        statements: [
          {
            vulnerability: 'CVE-2026-1',
            package: 'bash',
            status: 'fixed',
            fixed: '0:5.2.26-6.el10_1',
            minor: 1,
            advisories: ['RHSA-2026:1'],
          },
        ],
      },
    ]);
    const { repository } = tree['Red Hat CPE'] as Record<string, Record<string, unknown>>;
    const streams = repository!['rhel-10-for-x86_64-baseos-rpms'];

    expect(streams).toEqual([0]);
    expect(tree['Red Hat']).toEqual({
      bash: {
        'RHSA-2026:1': {
          Entries: [
            {
              FixedVersion: '0:5.2.26-6.el10_1',
              Cves: [{ ID: 'CVE-2026-1', Severity: 0 }],
              Affected: streams,
              Status: 3,
            },
          ],
        },
      },
    });
  });

  test('a platform that Trivy does not know is left out, and the list says so', () => {
    const { tree, inexact, run } = exported([
      { platform: bookworm, statements: [] },
      {
        platform: sid,
        statements: [
          { vulnerability: 'CVE-2024-1', package: 'zlib', status: 'affected', fixState: 'none_yet' },
        ],
      },
    ]);

    expect(Object.keys(tree).filter((name) => name.startsWith('debian'))).toEqual(['debian 12']);
    expect(inexact.platforms).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          platform: 'debian-sid',
          rows: 0,
          without: expect.stringContaining('number'),
        }),
      ]),
    );
    expect(run.out).toContain('without debian-sid');
  });
});

const small: SmallPlatform[] = [
  {
    platform: bookworm,
    statements: [{ vulnerability: 'CVE-2024-1', package: 'zlib', status: 'fixed', fixed: '1.2-3' }],
  },
];

test('the same feed gives the same bytes, whatever clock, zone and locale', () => {
  const feed = writeSmallFeed(small);
  const digests = [
    { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8' },
    { TZ: 'America/St_Johns', LANG: 'C' },
  ].map((env) => {
    const out = join(temporaryFolder(), 'exports');
    expect(scapfeed(['export', '--feed', feed, '--to', 'trivy', '--out', out], env).code).toBe(0);
    return readFileSync(join(out, 'manifest.json'), 'utf8');
  });

  expect(digests[0]).toBe(digests[1]);
  expect(JSON.parse(digests[0]!)).toMatchObject({ targets: ['trivy'], created: '2026-11-20T00:00:00Z' });
});

test('db.tar.gz has the database and its metadata', () => {
  const { out, file } = exported(small);
  const tar = gunzipSync(readFileSync(join(out, 'trivy/db.tar.gz')));

  expect(tar.toString('latin1', 0, 9)).toBe('trivy.db\0');
  expect(tar.subarray(512, 512 + file.length).equals(file)).toBe(true);
  expect(JSON.parse(readFileSync(join(out, 'trivy/metadata.json'), 'utf8'))).toEqual({
    Version: 2,
    NextUpdate: '2026-11-21T00:00:00Z',
    UpdatedAt: '2026-11-20T00:00:00Z',
    DownloadedAt: '2026-11-20T00:00:00Z',
  });
});

describe('bad input', () => {
  test('a target that is mistyped', () => {
    const run = scapfeed([
      'export',
      '--feed',
      writeSmallFeed(small),
      '--to',
      'trivvy',
      '--out',
      temporaryFolder(),
    ]);

    expect(run.code).toBe(2);
    expect(run.err).toContain('no target trivvy');
    expect(run.err).toContain('did you mean trivy?');
  });

  test('no target', () => {
    const run = scapfeed(['export', '--feed', writeSmallFeed(small), '--out', temporaryFolder()]);

    expect(run.code).toBe(2);
    expect(run.err).toContain('--to');
  });

  test('a folder with other things in it stays as it is', () => {
    const out = temporaryFolder();
    writeFileSync(join(out, 'mine.txt'), 'x');
    const run = scapfeed(['export', '--feed', writeSmallFeed(small), '--to', 'trivy', '--out', out]);

    expect(run.code).toBe(2);
    expect(run.err).toContain('OUTPUT_NOT_WRITABLE');
    expect(readFileSync(join(out, 'mine.txt'), 'utf8')).toBe('x');
  });

  test('a damaged feed: nothing is written, and the last export stays', () => {
    const { feed, out } = exported(small);
    const before = readFileSync(join(out, 'manifest.json'), 'utf8');
    const shard = join(feed, 'index/debian-12.jsonl');
    writeFileSync(shard, readFileSync(shard, 'utf8').replace('1.2-3', '1.2-4'));
    const run = scapfeed(['export', '--feed', feed, '--to', 'trivy', '--out', out]);

    expect(run.code).toBe(3);
    expect(run.err).toContain('FEED_CORRUPT');
    expect(readFileSync(join(out, 'manifest.json'), 'utf8')).toBe(before);
  });

  test('a feed of another format', () => {
    const feed = writeSmallFeed(small);
    const manifest = join(feed, 'manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"format":2', '"format":9'));
    const run = scapfeed(['export', '--feed', feed, '--to', 'trivy', '--out', join(temporaryFolder(), 'x')]);

    expect(run.code).toBe(3);
    expect(run.err).toContain('FEED_FORMAT_UNSUPPORTED');
  });

  test('ids and names with odd characters', () => {
    const { tree } = exported([
      {
        platform: bookworm,
        statements: [
          {
            vulnerability: 'CVE-2024-1"\n\u0000',
            package: 'zl\tib"',
            status: 'affected',
            fixState: 'none_yet',
          },
          { vulnerability: 'TEMP-0-é', package: '\u{1f600}', status: 'affected', fixState: 'none_yet' },
          { vulnerability: 'TEMP-1', package: '\uffee', status: 'affected', fixState: 'none_yet' },
        ],
      },
    ]);

    expect(Object.keys(tree['debian 12'] ?? {})).toContain('zl\tib"');
    expect(Object.keys(tree['vulnerability'] ?? {})).toContain('CVE-2024-1"\n\u0000');
  });
});

test('commands that only name targets name all of them', () => {
  expect([...exportNames]).toEqual(exportTargets.map(({ name }) => name));
});

test('build --export writes the layouts of the feed that it made', () => {
  const work = temporaryFolder();
  const args = [
    'build',
    '--source',
    'debian',
    '--no-ratings',
    '--mirror',
    'feeds/sample',
    '--unsigned-mirror',
    '--no-oval',
  ];
  const out = ['--out', join(work, 'feed'), '--export', 'trivy,debsecan', '--exports', join(work, 'exports')];
  const { code, err } = scapfeed([...args, '--snapshots', join(work, 'snapshots'), ...out]);
  const again = scapfeed([
    'export',
    '--feed',
    join(work, 'feed'),
    '--to',
    'trivy,debsecan',
    '--out',
    join(work, 'again'),
  ]);

  expect(`${code} ${err}`).toMatch(/^0 /);
  expect(again.code).toBe(0);
  expect(readFileSync(join(work, 'exports/manifest.json'), 'utf8')).toBe(
    readFileSync(join(work, 'again/manifest.json'), 'utf8'),
  );
});

test('a feed of a platform that a layout does not know is refused: its database would find nothing', () => {
  const other: Platform = {
    ...bookworm,
    id: 'other-1',
    name: 'Other 1',
    aliases: [],
    os: { id: 'other', version: '1' },
  };
  const feed = writeSmallFeed([{ platform: other, statements: [] }]);
  for (const target of ['trivy', 'grype', 'osv', 'debsecan', 'notus', 'clair', 'csaf']) {
    const out = join(temporaryFolder(), 'exports');
    const { code, err } = scapfeed(['export', '--feed', feed, '--to', target, '--out', out]);

    expect(code).toBe(4);
    expect(err).toContain("would contain none of the feed's platforms [PLATFORM_NOT_COVERED]");
    expect(err).toContain('at: other-1: scapfeed does not write other ');
    expect(existsSync(out)).toBe(false);
  }
});

test.each(exportNames.filter((name) => name !== 'oval' && name !== 'ds'))(
  'packages with statements that could not be read are listed by %s',
  (target) => {
    const statements = [
      { vulnerability: 'CVE-2024-1', package: 'zlib', status: 'fixed' as const, fixed: '1' },
    ];
    const roster = new Map([['zlib', { version: '2', binaries: [{ name: 'zlib1g', version: '2' }] }]]);
    const plan9: Platform = { ...bookworm, id: 'plan9-4', os: { id: 'plan9', version: '4' } };
    const feed = writeSmallFeed([
      { platform: bookworm, data: { roster }, statements, unread: { zlib: 3, icu: 1 } },
      { platform: plan9, statements, unread: { zlib: 1 } },
    ]);
    const out = join(temporaryFolder(), 'exports');
    const run = scapfeed(['export', '--feed', feed, '--to', target, '--out', out]);
    expect(run.err).toBe('');
    const { platforms } = JSON.parse(readFileSync(join(out, `${target}.inexact.json`), 'utf8'));
    const [debian, other] = platforms;

    expect(debian.entries).toContainEqual({
      cause: 'unread_statements',
      what: expect.stringContaining('could not be read'),
      count: 4,
      packages: [
        { package: 'icu', unread: 1 },
        { package: 'zlib', unread: 3 },
      ],
    });
    expect(run.out).toMatch(new RegExp(`^debian-12 .* ${debian.entries.length}$`, 'm'));
    const causes = other.entries.map(({ cause }: { cause: string }) => cause);
    expect(causes.includes('unread_statements')).toBe(other.without === undefined);
  },
);
