import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportNames } from '../../src/export/target-names.ts';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { rootWith, scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const feed = join(folder, 'feed');

/** Alpine's security database of one branch, as a mirror has it; `other`: a record that is none. */
function writeMirror(
  secfixes: Record<string, Record<string, readonly string[]>>,
  name = 'mirror',
  other: readonly unknown[] = [],
): string {
  const mirror = join(folder, name);
  const at = join(mirror, 'secdb.alpinelinux.org/v3.22');
  mkdirSync(at, { recursive: true });
  const packages = Object.entries(secfixes).map(([name, fixes]) => ({ pkg: { name, secfixes: fixes } }));
  for (const repository of ['main', 'community']) {
    const document = { distroversion: 'v3.22', reponame: repository, urlprefix: 'https://example.test' };
    writeFileSync(
      join(at, `${repository}.json`),
      JSON.stringify({ ...document, packages: repository === 'main' ? [...packages, ...other] : [] }),
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

function build(mirror: string, out: string, ...assessed: readonly string[]) {
  const sources =
    assessed.length > 0
      ? ['--source', ['alpine', ...assessed].join(',')]
      : ['--source', 'alpine', '--no-ratings'];
  const from = ['--mirror', mirror, ...sources, '--platform', 'alpine-3.22'];
  // The security database has no date, which some exports need.
  const built = scapfeed(['build', ...from, '--scap', '--out', out], { SOURCE_DATE_EPOCH: '1764201600' });
  expect(built.err).not.toContain('[');
  expect(built.code).toBe(0);
}

beforeAll(() => {
  const mirror = writeMirror({
    icu: { '57-1-r2': ['CVE-2016-7415'], '57.1-r1': ['CVE-2016-6293'] },
    quickjs: { '2021-03-27-r5': ['CVE-2023-31922'] },
    zlib: { '1.3.1-r1': ['CVE-2023-45853'] },
  });
  build(mirror, feed);
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

  it.each([
    ['fails', false, []],
    ['succeeds where that is accepted', true, ['--allow-uncovered']],
  ])('is an execution in SARIF that %s', (_, executionSuccessful, args) => {
    const { out } = scan(root(['quickjs', '1-r0']), ...args, '-o', 'sarif');
    expect(JSON.parse(out).runs[0].invocations).toMatchObject([{ executionSuccessful }]);
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
    expect(out).toContain(
      '\n  not read   alpine-secdb-v3.22-main#icu: 57-1-r2: CVE-2016-7415 (absurd version)\n',
    );
  });

  it('is in explain without a package, which does not say that there is none', () => {
    const ask = (image: string, ...more: string[]) =>
      scapfeed(['explain', `dir:${image}`, 'CVE-2016-7415', '--feed', feed, '--max-age', '0', ...more]);
    const { out, code } = ask(root(['icu', '57.1-r0'], ['zlib', '1.3.1-r1']));
    expect(out).toContain(
      "\nthe vendor's statement about CVE-2016-7415 could not be read when the feed was built\n" +
        "not read: the vendor's statement about CVE-2016-7415 in icu: alpine-secdb-v3.22-main#icu: 57-1-r2: CVE-2016-7415 (absurd version)\n",
    );
    expect(code).toBe(4);
    const json = JSON.parse(ask(root(['icu', '57.1-r0']), '-o', 'json').out);
    expect(schemaErrors('explained-packages', json)).toEqual([]);
    expect(json.unread).toMatchObject([{ source: 'icu', reason: 'absurd_version' }]);
    const other = ask(root(['quickjs', '1-r0']));
    expect(other.out).not.toContain('not read');
    expect(other.code).toBe(4);
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

  it('is listed by what every export for other scanners cannot say', () => {
    const out = join(folder, 'exports');
    const documents = ['oval', 'ds'];
    const targets = exportNames.filter((name) => name !== 'debsecan' && name !== 'notus');
    expect(scapfeed(['export', '--feed', feed, '--to', targets.join(','), '--out', out]).err).toBe('');
    for (const target of targets) {
      const { platforms } = JSON.parse(readFileSync(join(out, `${target}.inexact.json`), 'utf8'));
      const { entries } = platforms[0];
      // The documents say so themselves.
      if (documents.includes(target)) expect(JSON.stringify(entries), target).not.toContain(listed.cause);
      else expect(entries, target).toContainEqual({ ...listed, count: 2 });
    }
  });
});

describe('a statement that could not be read, in the OVAL of the feed', () => {
  const oval = join(feed, 'oval/alpine-3.22.oval.xml');
  const compiled = join(folder, 'alpine-3.22.jsonl');
  const stream = join(feed, 'scap/alpine-3.22.ds.xml');
  const clean = () => root(['zlib', '1.3.1-r1']);
  const tainted = () => root(['quickjs', '99-r0'], ['zlib', '1.3.1-r1']);

  beforeAll(() => {
    expect(scapfeed(['compile', oval, '-o', compiled]).code).toBe(0);
  });

  it.each([
    ['XML', oval],
    ['compiled', compiled],
  ])('leaves no clean result: %s', (_, content) => {
    for (const args of [[], ['--class', 'vulnerability'], ['--class', 'patch']]) {
      const evaluate = (image: string, ...more: string[]) =>
        scapfeed(['eval', `dir:${image}`, '--content', content, '--fail-on', 'critical', ...args, ...more]);
      expect(evaluate(clean())).toMatchObject({ code: 0, err: '' });
      const { code, out, err } = evaluate(tainted());
      expect(code).toBe(4);
      expect(out).toContain("quickjs: one of the vendor's statements could not be read");
      expect(err).toContain('could not be evaluated');
      expect(evaluate(tainted(), '--allow-unjudged').code).toBe(0);
    }
  });

  it('does not hide what is known of the package', () => {
    const image = root(['icu', '57.1-r0']);
    const { out } = scapfeed(['eval', `dir:${image}`, '--content', oval, '-o', 'json']);
    const { definitions } = JSON.parse(out) as { definitions: { title: string; result: string }[] };
    expect(definitions.map(({ title, result }) => `${result} ${title}`).sort()).toEqual([
      'true CVE-2016-6293 icu (unknown)',
      'true icu: fixes that no advisory announced',
      "unknown icu: one of the vendor's statements could not be read",
      "unknown icu: one of the vendor's statements could not be read",
    ]);
  });

  it.each(['fixable-only', 'critical', 'important-and-up', 'all'])('is unknown in profile %s', (profile) => {
    const comply = (image: string, failOn: string) =>
      scapfeed(['comply', `dir:${image}`, '--content', stream, '--profile', profile, '--fail-on', failOn]);
    for (const failOn of ['any', 'medium']) {
      expect(comply(clean(), failOn)).toMatchObject({ code: 0 });
      const { code, out } = comply(tainted(), failOn);
      expect(code).toBe(4);
      expect(out).toContain('quickjs');
    }
  });

  it('makes valid documents, with definitions for these packages alone', () => {
    const { code, out } = scapfeed(['validate', oval, stream]);
    expect([code, out]).toEqual([0, expect.not.stringContaining('error')]);
    const definitions = readFileSync(oval, 'utf8').match(/<definition .*could not be read.*/g) ?? [];
    expect(definitions.map((text) => /class="(\w+)".*<product>([^<]+)/.exec(text)?.slice(1))).toEqual([
      ['vulnerability', 'icu'],
      ['patch', 'icu'],
      ['vulnerability', 'quickjs'],
      ['patch', 'quickjs'],
    ]);
  });
});

describe('a record that does not even tell its package', () => {
  const unknown = join(folder, 'unknown');
  const oval = join(unknown, 'oval/alpine-3.22.oval.xml');
  const image = () => `dir:${root(['zlib', '1.3.1-r1'])}`;
  const of = (command: string, ...more: string[]) => scapfeed([command, image(), ...more]);
  const scanning = ['--feed', unknown, '--max-age', '0'];
  const fixes = Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => [`p${at}`, { '1-r0': [`CVE-2020-${1000 + at}`] }]),
  );

  beforeAll(() => {
    build(writeMirror(fixes, 'mirror-unknown', [{ pkg: null }]), unknown);
  });

  it('is a gap of every image of the platform, in every format', () => {
    const { code, out, err } = of('scan', ...scanning, '-o', 'json');
    expect(code).toBe(4);
    expect(JSON.parse(out)).toMatchObject({ judged: 1, uncovered: [], gaps: [{ code: 'unread_records' }] });
    expect(err).toContain('not even which packages they are about; --allow-uncovered accepts that');
    for (const format of ['table', 'html', 'sarif', 'junit', 'markdown'])
      expect(of('scan', ...scanning, '-o', format), format).toMatchObject({
        code: 4,
        out: expect.stringMatching(/unread.records|could not be read/),
      });
    expect(of('scan', ...scanning, '--allow-uncovered').code).toBe(0);
  });

  it('is told by explain', () => {
    for (const asked of [['CVE-2020-1000', 'zlib'], ['CVE-2020-1000']]) {
      const { code, out, err } = of('explain', ...asked, ...scanning);
      expect([code, out, err]).toEqual([
        4,
        expect.stringContaining('not read: records of the vendor could not be read'),
        expect.stringContaining('not covered: records of the vendor could not be read'),
      ]);
    }
  });

  it('makes OVAL and data streams unknown', () => {
    expect(of('eval', '--content', oval, '--fail-on', 'critical').code).toBe(4);
    const stream = join(unknown, 'scap/alpine-3.22.ds.xml');
    for (const profile of ['fixable-only', 'critical', 'all'])
      expect(of('comply', '--content', stream, '--profile', profile, '--fail-on', 'any').code).toBe(4);
    expect(scapfeed(['validate', unknown, oval, stream]).code).toBe(0);
  });

  it('is listed by exports for other scanners', () => {
    const out = join(folder, 'exports-unknown');
    expect(scapfeed(['export', '--feed', unknown, '--to', 'trivy,osv,oval', '--out', out]).err).toBe('');
    for (const target of ['trivy', 'osv', 'oval']) {
      const { platforms } = JSON.parse(readFileSync(join(out, `${target}.inexact.json`), 'utf8'));
      const causes = platforms[0].entries.map(({ cause }: { cause: string }) => cause);
      expect([target, causes.includes('unread_records')]).toEqual([target, target !== 'oval']);
    }
  });
});

describe('a fix with a number after a letter, as sudo has it', () => {
  it('is read and compared: what is below it is known to be exploited, what has it is clean', () => {
    const mirror = writeMirror({ sudo: { '1.9.5p2-r0': ['CVE-2021-3156'] } }, 'mirror-sudo');
    const catalog = join(mirror, 'www.cisa.gov/sites/default/files/feeds');
    mkdirSync(catalog, { recursive: true });
    const exploited = { cveID: 'CVE-2021-3156', dateAdded: '2022-04-06', dueDate: '2022-04-27' };
    writeFileSync(
      join(catalog, 'known_exploited_vulnerabilities.json'),
      JSON.stringify({
        ...{ title: 'catalog', catalogVersion: '2026.11.20', dateReleased: '2026-11-20T00:00:00Z', count: 1 },
        vulnerabilities: [exploited],
      }),
    );
    const feed = join(folder, 'sudo');
    build(mirror, feed, 'kev');
    const scan = (version: string, ...more: string[]) =>
      scapfeed(['scan', `dir:${root(['sudo', version])}`, '--feed', feed, '--max-age', '0', ...more]);

    for (const flawed of ['1.9.5p1-r0', '1.9.5-r3', '1.9.5p1-r10']) {
      expect(scan(flawed, '--fail-on', 'kev'), flawed).toMatchObject({
        code: 1,
        out: expect.stringContaining('CVE-2021-3156'),
      });
      const { verdicts, uncovered } = JSON.parse(scan(flawed, '-o', 'json').out);
      expect(verdicts).toMatchObject([
        { vulnerability: 'CVE-2021-3156', fixedVersion: '1.9.5p2-r0', exploited: { added: '2022-04-06' } },
      ]);
      expect(uncovered).toEqual([]);
    }
    for (const clean of ['1.9.5p2-r0', '1.9.5p10-r0', '1.9.5q-r0', '1.9.6-r0']) {
      expect(scan(clean, '--fail-on', 'any').code, clean).toBe(0);
      expect(JSON.parse(scan(clean, '-o', 'json').out), clean).toMatchObject({
        ...{ verdicts: [], uncovered: [], gaps: [], judged: 1 },
      });
    }
  });
});
