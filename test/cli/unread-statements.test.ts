import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportNames } from '../../src/export/target-names.ts';
import { rootWith, scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const feed = join(folder, 'feed');

/** Alpine's security database of one branch, as a mirror has it. */
function writeMirror(secfixes: Record<string, Record<string, readonly string[]>>): string {
  const mirror = join(folder, 'mirror');
  const at = join(mirror, 'secdb.alpinelinux.org/v3.22');
  mkdirSync(at, { recursive: true });
  const packages = Object.entries(secfixes).map(([name, fixes]) => ({ pkg: { name, secfixes: fixes } }));
  for (const repository of ['main', 'community']) {
    const document = { distroversion: 'v3.22', reponame: repository, urlprefix: 'https://example.test' };
    writeFileSync(
      join(at, `${repository}.json`),
      JSON.stringify({ ...document, packages: repository === 'main' ? packages : [] }),
    );
  }
  return mirror;
}

function root(...installed: readonly [name: string, version: string][]): string {
  const database = installed.map(
    ([name, version]) => `C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:${name}\nV:${version}\nA:x86_64\no:${name}\n\n`,
  );
  return rootWith({
    'etc/os-release': 'ID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME="Alpine Linux v3.22"\n',
    'etc/apk/world': '',
    'lib/apk/db/installed': database.join(''),
  });
}

function scan(image: string, ...more: string[]) {
  return scapfeed(['scan', `dir:${image}`, '--feed', feed, '--max-age', '0', ...more]);
}

beforeAll(() => {
  const mirror = writeMirror({
    icu: { '57-1-r2': ['CVE-2016-7415'], '57.1-r1': ['CVE-2016-6293'] },
    quickjs: { '2021-03-27-r5': ['CVE-2023-31922'] },
    zlib: { '1.3.1-r1': ['CVE-2023-45853'] },
  });
  const built = scapfeed([
    ...['build', '--mirror', mirror, '--source', 'alpine', '--platform', 'alpine-3.22'],
    ...['--scap', '--out', feed],
  ]);
  expect(built.err).not.toContain('[');
  expect(built.code).toBe(0);
});

describe('a statement that could not be read', () => {
  const listed = {
    cause: 'unread_statements',
    what: expect.stringContaining('could not be read'),
    packages: [
      { package: 'icu', unread: 1 },
      { package: 'quickjs', unread: 1 },
    ],
  };
  const said = "one of the vendor's statements about it could not be read";

  it('leaves no clean result for its package, and all others are judged as ever', () => {
    const clean = scan(root(['zlib', '1.3.1-r1']));
    expect(clean.code).toBe(0);
    for (const name of ['icu', 'quickjs']) {
      const { code, out } = scan(root([name, '99-r0'], ['zlib', '1.3.1-r1']), '--fail-on', 'any');
      expect(code).toBe(4);
      expect(out).toContain('1 not covered');
    }
  });

  it('does not hide what is known of the package', () => {
    const { code, out } = scan(root(['icu', '57.1-r0']), '-o', 'json');
    const { verdicts, uncovered, gaps, judged } = JSON.parse(out);
    expect(code).toBe(4);
    expect(verdicts.map(({ vulnerability }: { vulnerability: string }) => vulnerability)).toEqual([
      'CVE-2016-6293',
    ]);
    expect(uncovered).toMatchObject([
      { name: 'icu', reason: 'undecidable', detail: expect.stringContaining(said) },
    ]);
    expect(gaps).toMatchObject([{ code: 'uncovered_packages' }]);
    expect(judged).toBe(0);
  });

  it.each(['sarif', 'html', 'junit', 'markdown'])('is told in %s', (format) => {
    const { code, out } = scan(root(['quickjs', '1-r0']), '-o', format);
    expect(code).toBe(4);
    expect(out).toMatch(/could not be read/);
  });

  it('is accepted with --allow-uncovered, and still listed', () => {
    const { code, out } = scan(root(['quickjs', '1-r0']), '--allow-uncovered', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out).uncovered).toHaveLength(1);
  });

  it('is in explain', () => {
    const image = root(['icu', '57.1-r0']);
    const { out } = scapfeed([
      'explain',
      `dir:${image}`,
      'CVE-2016-7415',
      'icu',
      '--feed',
      feed,
      '--max-age',
      '0',
    ]);
    expect(out).toContain(said);
  });

  it('is counted in the line of its package, so that a delta and a published feed carry it', () => {
    const lines = readFileSync(join(feed, 'index/alpine-3.22.jsonl'), 'utf8').split('\n');
    const parsed = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
    const unread = parsed
      .filter((line) => 'unread' in line)
      .map(({ package: name, unread }) => [name, unread]);
    expect(unread).toEqual([
      ['icu', 1],
      ['quickjs', 1],
    ]);
  });

  it('is listed by what every export cannot say', () => {
    const out = join(folder, 'exports');
    const targets = exportNames.filter((name) => name !== 'debsecan' && name !== 'notus');
    expect(scapfeed(['export', '--feed', feed, '--to', targets.join(','), '--out', out]).err).toBe('');
    for (const target of targets) {
      const { platforms } = JSON.parse(readFileSync(join(out, `${target}.inexact.json`), 'utf8'));
      expect(platforms[0].entries, target).toContainEqual({ ...listed, count: 2 });
    }
  });

  it('is listed by what OVAL cannot say', () => {
    const lists = [join(feed, 'oval'), join(folder, 'exports/oval')];
    for (const list of lists) {
      const { entries } = JSON.parse(readFileSync(join(list, 'alpine-3.22.inexact.json'), 'utf8'));
      expect(entries).toContainEqual({ ...listed, files: expect.arrayContaining(['oval']) });
    }
  });
});
