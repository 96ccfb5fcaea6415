import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../prove/random.ts';
import { scapfeed } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { archRoot, avg, writeArchMirror } from './world.ts';

let feed: string;
const groups: object[] = [];
const packages: string[] = [];
/** Bound, build and status of each package, by its number. */
const cases: { bound: string; build: string; status: string }[] = [];

beforeAll(() => {
  const random = new Random(3);
  for (let at = 0; at < 150; at++) {
    const bound = random.pick(['1.2-3', '1:1.2-10', '1.2rc1-3', '1.2.r5+g1-2']);
    const build = random.pick([
      bound,
      `${bound}.1`,
      bound.replace('1.2', '1.2a'),
      '1.2-2',
      '2:0-1',
      '1.2-10',
    ]);
    const status = random.pick(['Fixed', 'Fixed', 'Vulnerable', 'Testing', 'Unknown', 'Not affected']);
    const fixed = status === 'Fixed' || status === 'Testing' ? bound : null;
    cases.push({ bound, build, status });
    groups.push(avg(10_000 + at, `p${at}`, { status, fixed, affected: fixed === null ? bound : '0-1' }));
    packages.push(`p${at} ${build} base${at % 7}`);
  }
  groups.push(avg(9000, 'linux'), avg(9001, 'python-requests', { fixed: '3.0-1' }));
  feed = join(temporaryFolder('feed'), 'out');
  const built = scapfeed([
    ...['build', '--source', 'arch', '--mirror', writeArchMirror(groups)],
    ...['--snapshots', join(feed, '../snapshots'), '--out', feed],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

const scan = (root: string, ...more: string[]) =>
  scapfeed(['scan', `dir:${root}`, '--feed', feed, '--max-age', '0', ...more]);

interface Result {
  verdicts: { vulnerability: string; status: string; fixState?: string; fixedVersion?: string }[];
  gaps: { code: string }[];
}

describe.skipIf(!hasOracle('vercmp'))('Arch Linux', () => {
  it('verdicts are those that statuses and vercmp say, around the bounds of groups', () => {
    const input = cases.map(({ build, bound }) => `${build} ${bound}\n`).join('');
    const orders = execFileSync('sh', ['-c', 'while read -r a b; do vercmp "$a" "$b"; done'], { input })
      .toString()
      .trim()
      .split('\n')
      .map(Number);
    const expected = cases.flatMap(({ status }, at) => {
      const id = `CVE-2024-${10_000 + at}`;
      if (status === 'Unknown') return [`${id} under_investigation`];
      if (status === 'Vulnerable')
        return [`${id} ${orders[at]! > 0 ? 'under_investigation' : 'affected none_yet'}`];
      if (status === 'Not affected' || orders[at]! >= 0) return [];
      return [`${id} affected ${status === 'Fixed' ? 'available' : 'other_channel'}`];
    });
    const { verdicts } = JSON.parse(scan(archRoot(packages), '-o', 'json').out) as Result;
    const told = verdicts.map(({ vulnerability, status, fixState }) =>
      [vulnerability, status, ...(fixState ? [fixState] : [])].join(' '),
    );
    expect(told.sort()).toEqual(expected.sort());
    for (const word of ['under_investigation', 'none_yet', 'available', 'other_channel'])
      expect(told.filter((each) => each.endsWith(word)).length, word).toBeGreaterThan(4);
  });
});

describe('an image of Arch Linux', () => {
  const flawed = ['linux 1.0-1', 'python-requests 2.32.3-1'];

  it('containers have a date as VERSION_ID, which is no release', () => {
    const dated = archRoot(flawed, 'ID=arch\nVERSION_ID=20261101.0.1\n');
    const { code, out } = scan(dated, '--fail-on', 'high', '-o', 'json');
    expect(code).toBe(1);
    const { verdicts, gaps } = JSON.parse(out) as Result;
    expect(gaps).toEqual([]);
    expect(verdicts.map(({ vulnerability }) => vulnerability)).toContain('CVE-2024-9001');
  });

  it('a damaged description ends with 4, and the other packages are judged', () => {
    const root = archRoot(flawed);
    writeFileSync(join(root, 'var/lib/pacman/local/linux-1.0-1/desc'), '%NAME%\nlin');
    const { code, err, out } = scan(root);
    expect(code).toBe(4);
    expect(err).toContain('PACKAGE_DATABASE_INCOMPLETE');
    expect(out).toContain('CVE-2024-9001');
  });

  it.each([
    ['ID=manjaro\nID_LIKE=arch\n', 'no data for Arch Linux (manjaro)'],
    ['ID=archarm\nID_LIKE=arch\n', 'no data for Arch Linux (archarm)'],
  ])('%j lends it no rows', (release, message) => {
    const { code, err } = scan(archRoot(flawed, release));
    expect(code).toBe(4);
    expect(err).toContain(message);
  });

  it('an SBOM of it has the verdicts of the image; a Python package of pacman is not judged twice', () => {
    const root = archRoot([...packages, ...flawed]);
    const folder = join(root, 'usr/lib/python3.13/site-packages/requests-2.32.3.dist-info');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'METADATA'), 'Metadata-Version: 2.1\nName: requests\nVersion: 2.32.3\n\n');
    const list = join(root, 'var/lib/pacman/local/python-requests-2.32.3-1/files');
    writeFileSync(list, `%FILES%\n${folder.slice(root.length + 1)}/METADATA\n\n`);
    const documents = join(temporaryFolder(), 'sbom');
    const rows = (out: string) =>
      (JSON.parse(out) as Result).verdicts
        .map(({ vulnerability, status }) => `${vulnerability} ${status}`)
        .sort();
    const own = rows(scan(root, '-o', 'json').out);
    for (const format of ['cyclonedx', 'spdx', 'json', 'manifest']) {
      const file = `${documents}.${format}`;
      expect(scapfeed(['inventory', `dir:${root}`, '-o', `${format}=${file}`]).code).toBe(0);
      const { out } = scapfeed(['scan', `sbom:${file}`, '--feed', feed, '--max-age', '0', '-o', 'json']);
      expect(rows(out), format).toEqual(own);
    }
  });

  it('explain names the group; verify compares no files of pacman, and says so', () => {
    const root = archRoot(flawed);
    const explained = scapfeed([
      ...['explain', `dir:${root}`, 'CVE-2024-9001', 'python-requests', '--feed', feed, '--max-age', '0'],
    ]);
    expect(explained.out).toContain('2.32.3-1 is older than 3.0-1 (pacman order)');
    expect(explained.out).toContain('AVG-9001');
    const verified = scapfeed(['verify', `dir:${root}`]);
    expect(verified.code).toBe(4);
    expect(verified.err).toContain('files of 2 packages of pacman are not compared');
  });
});
