import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportTargets } from '../../src/export/targets.ts';
import { replaceExports } from '../../src/export/write-exports.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { scapfeed, scapfeedProcess } from '../support/cli.ts';
import { isRoot } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const work = temporaryFolder();
const layouts = ['trivy', 'grype', 'osv', 'debsecan', 'notus', 'clair', 'csaf'];

const feed = writeSmallFeed([
  {
    platform: bookworm,
    data: {
      roster: new Map([['bash', { version: '5.2-1', binaries: [{ name: 'bash', version: '5.2-1' }] }]]),
    },
    statements: Array.from({ length: 400 }, (_, at) => ({
      vulnerability: `CVE-2024-${1000 + at}`,
      package: 'bash',
      status: 'fixed' as const,
      fixed: `5.2-${at + 2}`,
    })),
  },
]);

test.each([
  ['trivi', 'trivy'],
  ['osv-scanner', 'osv'],
  ['csaff', 'csaf'],
])('a mistyped target %s: the one that was meant is named, and nothing is written', (given, meant) => {
  const out = join(work, 'mistyped');
  const { code, err } = scapfeed(['export', '--feed', feed, '--to', given, '--out', out]);

  expect(code).toBe(2);
  expect(err).toContain(meant);
  if (given !== 'osv-scanner') expect(err).toContain('did you mean');
  expect(existsSync(out)).toBe(false);
});

test('a feed of another format version is refused; the last export stays', () => {
  const out = join(work, 'other-format');
  expect(scapfeed(['export', '--feed', feed, '--to', 'osv', '--out', out]).code).toBe(0);
  const before = readFileSync(join(out, 'manifest.json'));
  const other = join(work, 'format-3');
  cpSync(feed, other, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(other, 'manifest.json'), 'utf8')) as { format: number };
  writeFileSync(join(other, 'manifest.json'), JSON.stringify({ ...manifest, format: manifest.format + 1 }));

  const { code, err } = scapfeed(['export', '--feed', other, '--to', layouts.join(), '--out', out]);
  expect(code).toBe(3);
  expect(err).toContain(`feed format ${manifest.format + 1} found`);
  expect(err).toContain('next: ');
  expect(readFileSync(join(out, 'manifest.json')).equals(before)).toBe(true);
});

test('ids with odd characters: each target writes them or lists them, and none writes outside of its folder', async () => {
  const ids = [
    'CVE-2024-1111',
    'TEMP-0000001-ABCDEF',
    'X,Y Z',
    'X_Y_Z',
    '../../etc/passwd',
    '😀-1',
    'a"b',
    `L${'o'.repeat(300)}ng`,
  ];
  const odd = writeSmallFeed([
    {
      platform: bookworm,
      data: {
        roster: new Map([['bash', { version: '5.2-1', binaries: [{ name: 'bash', version: '5.2-1' }] }]]),
      },
      statements: ids.map((vulnerability) => ({
        vulnerability,
        package: 'bash',
        status: 'fixed' as const,
        fixed: '5.2-2',
      })),
    },
  ]);
  const opened = openFeed(odd);
  const out = join(work, 'odd');
  const targets = exportTargets.filter(({ name }) => layouts.includes(name));
  const reports = await replaceExports(out, {
    feed: opened,
    targets,
    toolVersion: '0.0.0',
    progress: () => undefined,
  });
  opened.close();

  const account = reports.map(({ target, platforms: [own] }) => [target, own!.rows, own!.left_out]);
  expect(account).toEqual([
    ['trivy', 7, 1],
    ['grype', 8, 0],
    ['osv', 4, 4],
    ['debsecan', 7, 1],
    ['notus', 8, 0],
    ['clair', 8, 0],
    ['csaf', 6, 2],
  ]);
  // Nothing left the folder of its target.
  expect(readdirSync(out).sort()).toEqual(
    [...layouts.flatMap((name) => [name, `${name}.inexact.json`]), 'manifest.json'].sort(),
  );
  expect(readdirSync(work)).not.toContain('etc');
  const documents = readdirSync(join(out, 'csaf/debian'), { recursive: true, encoding: 'utf8' });
  expect(
    documents
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.replace(/^\d+\//, ''))
      .sort(),
  ).toEqual(
    [
      'debian-_-1.json',
      'debian-_etc_passwd.json',
      'debian-a_b.json',
      'debian-cve-2024-1111.json',
      'debian-temp-0000001-abcdef.json',
      'debian-x_y_z.json',
    ].sort(),
  );
});

describe.skipIf(!isRoot())('a full disk', () => {
  const mount = join(work, 'small');
  beforeAll(() => {
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', mount]);
  });
  afterAll(() => {
    execFileSync('umount', [mount]);
  });

  test.each(layouts)('%s: told; nothing half-written is left, and the last export stays', (target) => {
    const out = join(mount, target);
    const args = ['export', '--feed', feed, '--to', target, '--out', out];
    expect(scapfeedProcess(args).code).toBe(0);
    const before = readFileSync(join(out, 'manifest.json'));
    const used = Number(execFileSync('df', ['--output=used', '-k', mount]).toString().split('\n')[1]);
    execFileSync('mount', ['-o', `remount,size=${used + 4}k`, mount]);

    const { code, err } = scapfeedProcess(args);
    execFileSync('mount', ['-o', 'remount,size=16m', mount]);
    expect(code, err).not.toBe(0);
    expect(err).toMatch(/no space|full|ENOSPC/i);
    expect(err).not.toContain('internal error');
    expect(err).toContain('the last export is unchanged');
    expect(readFileSync(join(out, 'manifest.json')).equals(before)).toBe(true);
    expect(readdirSync(mount).filter((name) => !layouts.includes(name))).toEqual([]);
  });
});
