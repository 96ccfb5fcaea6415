import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/feed/index.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { temporaryFolder } from '../support/temporary.ts';

const sample = join(project, 'feeds/sample');
const tracker = 'security-tracker.debian.org/tracker/data/json';

interface Built {
  code: number | null;
  err: string;
  out: string;
  feed: string;
}

function build(
  mirror: string,
  folder = temporaryFolder(),
  env: Record<string, string> = {},
  ...args: string[]
): Built {
  const { words, feed } = wordsOf(mirror, folder, args);
  return { ...scapfeed(words, env), feed };
}

/** The same in this process. */
async function buildHere(mirror: string, folder = temporaryFolder(), ...args: string[]): Promise<Built> {
  const { words, feed } = wordsOf(mirror, folder, args);
  return { ...(await runHere(words)), feed };
}

function wordsOf(mirror: string, folder: string, args: readonly string[]) {
  const feed = join(folder, 'feed');
  const common = [
    ...['--source', 'debian', '--no-ratings'],
    '--mirror',
    mirror,
    '--unsigned-mirror',
    '--snapshots',
    join(folder, 'snapshots'),
    '--out',
    feed,
  ];
  return { words: ['build', ...common, ...args], feed };
}

/** Every file below a folder with its content, by path. */
function contents(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [path.slice(folder.length), readFileSync(path, 'latin1')]));
}

/** A copy of the sample, changed, and as a rule dated an hour later, as a changed document is. */
function spoiled(change: (mirror: string) => void, later = true): string {
  const mirror = temporaryFolder();
  cpSync(sample, mirror, { recursive: true });
  const dates = join(mirror, 'last-modified.json');
  if (later) writeFileSync(dates, readFileSync(dates, 'utf8').replaceAll('00:00:00 GMT', '01:00:00 GMT'));
  change(mirror);
  return mirror;
}

describe('a build of the sample', () => {
  let built: Built;
  let manifest: Manifest;
  beforeAll(() => {
    built = build(sample);
    manifest = JSON.parse(readFileSync(join(built.feed, 'manifest.json'), 'utf8')) as Manifest;
  });

  it('accounts for every record and says so', () => {
    const [debian] = manifest.sources;

    expect(built).toMatchObject({ code: 0, err: '' });
    expect(debian!.records).toBe(debian!.used + debian!.dropped);
    expect(debian!.dropped).toBe(
      sum(debian!.findings.filter(({ dropped }) => dropped).map(({ count }) => count)),
    );
    expect(built.out).toContain(
      `Debian Security Tracker: ${debian!.records} records in = ${debian!.used} used + ${debian!.dropped} not used`,
    );
    expect(built.out).toContain('next: scapfeed scan IMAGE');
  });

  it('names its inputs with digests and dates, and all that it wrote', () => {
    const files = [...contents(built.feed).keys()]
      .map((path) => path.slice(1))
      .filter((path) => path !== 'manifest.json');

    expect(manifest.outputs.map(({ path }) => path)).toEqual(files);
    expect(manifest.inputs.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['debian-tracker', 'debian-dsa', 'debian-dla']),
    );
    expect(manifest.created).toBe(
      manifest.inputs
        .flatMap(({ date }) => date ?? [])
        .sort()
        .at(-1),
    );
  });

  it.each<[string, Record<string, string>]>([
    ['a second run', {}],
    ['another time zone', { TZ: 'Asia/Kolkata' }],
    ['another locale, where i has other cases', { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }],
  ])('gives the same bytes in %s', (_, env) => {
    const again = build(sample, temporaryFolder(), env);

    expect(contents(again.feed)).toEqual(contents(built.feed));
  });

  it('gives the same index and OVAL when the input is in another order', () => {
    const shuffled = build(
      spoiled((mirror) => {
        const path = join(mirror, tracker);
        writeFileSync(path, JSON.stringify(reversed(JSON.parse(readFileSync(path, 'utf8')))));
      }, false),
    );

    const ours = contents(built.feed);
    const theirs = contents(shuffled.feed);
    for (const [path, text] of ours) if (path !== '/manifest.json') expect(theirs.get(path), path).toBe(text);
    expect([...theirs.keys()]).toEqual([...ours.keys()]);
  });

  it('can be made again offline, from the snapshots at hand', () => {
    const folder = temporaryFolder();
    const online = build(sample, folder);
    const offline = scapfeed([
      'build',
      '--source',
      'debian',
      '--offline',
      '--snapshots',
      join(folder, 'snapshots'),
      '--out',
      join(folder, 'again'),
    ]);

    expect(offline.code).toBe(0);
    expect(contents(join(folder, 'again'))).toEqual(contents(online.feed));
  });

  it('takes SOURCE_DATE_EPOCH for its date, and refuses a wrong one', () => {
    const { feed } = build(sample, temporaryFolder(), { SOURCE_DATE_EPOCH: '1700000000' });

    expect(JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'))).toMatchObject({
      created: '2023-11-14T22:13:20Z',
    });
    expect(build(sample, temporaryFolder(), { SOURCE_DATE_EPOCH: 'today' })).toMatchObject({ code: 2 });
  });

  it('can be of one platform only', () => {
    const one = build(sample, temporaryFolder(), {}, '--platform', 'debian-12');

    expect(one.out).toContain('debian-12');
    expect(one.out).not.toContain('debian-11');
  });
});

describe('bad input: the error says what, where and what next, and the last good feed stays', () => {
  const good = temporaryFolder();
  beforeAll(async () => {
    expect(await buildHere(sample, good)).toMatchObject({ code: 0 });
  }, 60_000);

  const json = (mirror: string) => readFileSync(join(mirror, tracker), 'utf8');
  const replace = (mirror: string, text: string) => writeFileSync(join(mirror, tracker), text);

  it.each<[string, (mirror: string) => void, RegExp]>([
    [
      'a truncated tracker file',
      (mirror) => truncateSync(join(mirror, tracker), 1000),
      /\[SOURCE_(NOT_JSON|MALFORMED)\]/,
    ],
    [
      'HTML instead of JSON',
      (mirror) => replace(mirror, '<!DOCTYPE html><html></html>'),
      /\[SOURCE_NOT_JSON\]/,
    ],
    ['an empty file', (mirror) => replace(mirror, ''), /\[SOURCE_(NOT_JSON|MALFORMED)\]/],
    ['a list instead of an object', (mirror) => replace(mirror, '[]'), /\[SOURCE_NOT_JSON\]/],
    [
      'records of wrong types throughout',
      (mirror) => replace(mirror, json(mirror).replaceAll('"resolved"', '7')),
      /\[SOURCE_OVER_BUDGET\]/,
    ],
    [
      'absurd versions throughout',
      (mirror) =>
        replace(mirror, json(mirror).replaceAll(/"fixed_version": ?"[^"]+"/g, '"fixed_version":"<unfixed>"')),
      /\[SOURCE_OVER_BUDGET\]/,
    ],
    ['a missing tracker', (mirror) => rmSync(join(mirror, tracker)), /\[FETCH_\w+\]/],
  ])('%s', async (_, spoil, message) => {
    const folder = temporaryFolder();
    cpSync(good, folder, { recursive: true });
    const feed = join(folder, 'feed');
    const before = contents(feed);

    const mirror = spoiled(spoil);
    const strict = await buildHere(mirror, folder, '--strict');

    expect(strict.code).toBe(3);
    expect(strict.err).toMatch(message);
    expect(strict.err).toMatch(/\n {2}at: /);
    expect(strict.err).toMatch(/\n {2}next: /);
    expect(contents(feed)).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual(['feed', 'snapshots']);

    const kept = await buildHere(mirror, folder);
    expect(kept.code).toBe(3);
    expect(kept.err).toMatch(message);
    expect(kept.out).toMatch(/debian could not be updated .*: its platforms use the last good data/);
    const index = (files: Map<string, string>) => [...files].filter(([path]) => /index.*jsonl$/.test(path));
    expect(index(contents(feed))).toEqual(index(before));
  });

  it('a single bad record is a finding with its place, and the rest is built', async () => {
    const one = await buildHere(
      spoiled((mirror) => replace(mirror, json(mirror).replace('"2.36-9+deb12u6"', '"not a version"'))),
    );

    expect(one.code).toBe(0);
    expect(one.out).toMatch(/1 not used: absurd version, as at .*glibc\/CVE-2024-2961/);
  });

  it('a duplicate key is never the last one that wins in silence', async () => {
    const { code, err, out } = await buildHere(
      spoiled((mirror) => replace(mirror, json(mirror).replace(/^\{/, '{"openssl":{},'))),
    );

    expect(`${code} ${err}${out}`).toMatch(/duplicate/);
  });

  it('an output directory that is not ours is not replaced', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'feed'));
    writeFileSync(join(folder, 'feed/thesis.tex'), 'x');

    expect(build(sample, folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining('OUTPUT_NOT_WRITABLE'),
    });
    expect(existsSync(join(folder, 'feed/thesis.tex'))).toBe(true);
  });

  it.each([
    ['an unknown source', ['--source', 'debain'], /did you mean debian\?/],
    ['an unknown option', ['--mirrorr', 'x'], /did you mean --mirror\?/],
  ])('%s', (_, args, message) => {
    const { code, err } = scapfeed(['build', ...args]);

    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

function reversed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

describe('a night in which most of a document is gone, though what is left can be read', () => {
  const rest = spoiled((mirror) => {
    const packages = Object.entries(JSON.parse(readFileSync(join(mirror, tracker), 'utf8')) as object);
    const few = Object.fromEntries(packages.slice(0, 2));
    writeFileSync(join(mirror, tracker), JSON.stringify(few));
  });
  const records = ({ out }: Built) => /([\d,]+) records? in/.exec(out)![1]!;

  it('is told on stderr and in JSON; the feed is in place', async () => {
    const folder = temporaryFolder();
    const first = await buildHere(sample, folder);
    const second = build(rest, folder);

    expect(second).toMatchObject({ code: 0 });
    expect(Number(records(second))).toBeLessThan(Number(records(first)) / 2);
    expect(second.err).toBe(
      `scapfeed: debian has ${records(second)} records, ${records(first)} before, in the last feed [INPUT_SHRANK]\n` +
        '  next: compare it with what the vendor serves; publish holds back what is made of it (gate shrink)\n',
    );
    const again = await buildHere(sample, folder, '-o', 'json');
    expect(again.err).toBe('');
    expect(JSON.parse(again.out)).toMatchObject({ shrunk: [] });
    expect(JSON.parse((await buildHere(rest, folder, '-o', 'json')).out)).toMatchObject({
      shrunk: [
        { of: 'debian', unit: 'records', before: Number(records(first)), now: Number(records(second)) },
      ],
    });
  });

  it('is nothing to tell where the feed before was broken', async () => {
    const folder = temporaryFolder();
    await buildHere(sample, folder);
    writeFileSync(join(folder, 'feed/manifest.json'), '{"created":1}');
    expect(await buildHere(rest, folder)).toMatchObject({ code: 0, err: '' });
  });
});

describe('platforms that a build was asked for and cannot make', () => {
  const folder = temporaryFolder();
  const typed = (...args: string[]) => buildHere(sample, folder, ...args);

  it.each([
    ['a typo', 'debain-12', /no platform debain-12 .*\n.*did you mean debian-12\?/],
    ['its codename', 'bookworm', /no platform bookworm .*\n.*did you mean debian-12\?/],
    ['a release that is not there', 'debian-99', /no platform debian-99 /],
    ['a platform of another source', 'ubuntu-22.04', /no platform ubuntu-22.04 in debian \[USAGE\]/],
  ])('leave the last feed as it was: %s', async (_, platform, said) => {
    const good = contents((await typed('--platform', 'debian-12')).feed);
    const { code, err, feed } = await typed('--platform', 'debian-12', '--platform', platform);

    expect(err).toMatch(said);
    expect(code).toBe(2);
    expect(contents(feed)).toEqual(good);
  });

  it('are told before anything is fetched', async () => {
    const { code, err } = await buildHere(temporaryFolder(), temporaryFolder(), '--platform', 'debain-12');

    expect(err).toContain('did you mean debian-12?');
    expect(err).not.toContain('FETCH_NOT_FOUND');
    expect(code).toBe(2);
  });

  it('are told to be mistyped also where another source cannot be read', async () => {
    const { code, err } = await typed('--source', 'ubuntu', '--platform', 'debain-12');

    expect(err).toContain('did you mean debian-12?');
    expect(code).toBe(2);
  });

  it('leave the last feed as it was where the only source cannot be read', async () => {
    const good = contents((await typed('--platform', 'debian-12')).feed);
    const nothing = ['--snapshots', temporaryFolder(), '--platform', 'debian-12'];
    const { code, feed } = await buildHere(temporaryFolder(), folder, ...nothing);

    expect(code).toBe(3);
    expect(contents(feed)).toEqual(good);
  });
});

describe('a build of a vendor that rates few of its flaws', () => {
  const few = ['--platform', 'debian-12', '--no-oval', '--unsigned-mirror'];
  const sourcesOf = (feed: string) =>
    (JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as { sources: { id: string }[] }).sources
      .map(({ id }) => id)
      .join();

  function buildOf(mirror: string, ...args: string[]) {
    const folder = temporaryFolder();
    const feed = join(folder, 'feed');
    const places = ['--mirror', mirror, '--snapshots', join(folder, 'snapshots'), '--out', feed];
    return { feed, folder, ...scapfeed(['build', ...places, ...few, ...args]) };
  }

  it('takes the ratings, with which a gate by severity can tell', () => {
    const { feed, code } = buildOf(sample, '--source', 'debian');
    expect(code).toBe(0);
    expect(sourcesOf(feed)).toBe('cve-records,debian,epss,kev,nvd');
    const image = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('libc6', '2.36-9', { Source: 'glibc' }),
    });
    const gate = ['--max-age', '0', '--fail-on', 'high'];
    expect(scapfeed(['scan', image, '--feed', feed, ...gate]).code).toBe(1);
    const without = buildOf(sample, '--source', 'debian', '--no-ratings');
    expect(sourcesOf(without.feed)).toBe('debian');
    expect(scapfeed(['scan', image, '--feed', without.feed, ...gate]).code).toBe(3);
  });

  it('from a mirror without ratings says so, and which option leaves them out', () => {
    const mirror = spoiled((folder) => {
      for (const host of [
        'github.com',
        'api.github.com',
        'nvd.nist.gov',
        'www.cisa.gov',
        'epss.empiricalsecurity.com',
      ])
        rmSync(join(folder, host), { recursive: true });
    });
    const { code, err, feed, folder } = buildOf(mirror, '--source', 'debian');
    expect(err).toBe(
      'scapfeed: nothing of cve-records, epss, kev, nvd is here: the feed is without them, and a severity in --fail-on ' +
        'needs nvd or cve-records; --no-ratings leaves them out\n',
    );
    expect(code).toBe(0);
    expect(sourcesOf(feed)).toBe('debian');
    expect(JSON.parse(buildOf(mirror, '--source', 'debian', '-o', 'json').out)).toMatchObject({
      failures: [],
      leftOut: ['cve-records', 'epss', 'kev', 'nvd'],
    });
    const offline = ['build', '--offline', '--source', 'debian', '--platform', 'debian-12', '--no-oval'];
    const again = scapfeed([...offline, '--snapshots', join(folder, 'snapshots'), '--out', feed]);
    expect(again).toMatchObject({ code: 0, err });
    expect(buildOf(mirror, '--source', 'debian', '--no-ratings')).toMatchObject({ code: 0, err: '' });
    const strict = buildOf(mirror, '--source', 'debian', '--strict');
    expect(strict).toMatchObject({
      code: 3,
      err: expect.stringContaining('build without ratings: --no-ratings'),
    });
  });

  it('whose ratings were named and are not there fails as before, and --fail-on kev does not pass by their name', () => {
    const mirror = spoiled((folder) => rmSync(join(folder, 'www.cisa.gov'), { recursive: true }));
    const { code, err, feed } = buildOf(mirror, '--source', 'debian,kev');
    expect(err).toContain('[FETCH_NOT_FOUND]');
    expect(code).toBe(3);
    const image = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('libc6', '2.36-9', { Source: 'glibc' }),
    });
    const { code: gated, err: said } = scapfeed([
      'scan',
      image,
      '--feed',
      feed,
      '--max-age',
      '0',
      '--fail-on',
      'kev',
    ]);
    expect(said).toContain('[FEED_LACKS_SOURCE]');
    expect(gated).toBe(3);
  });

  it.each(['nvd', 'kev'])('--no-ratings and the source %s is wrong use, and both remedies work', (rating) => {
    const { code, err } = buildOf(sample, '--source', `debian,${rating}`, '--no-ratings');
    expect(code).toBe(2);
    expect(err).toContain(`--no-ratings, and --source ${rating}`);
    const remedies =
      /next: use (--source \S+) without --no-ratings, .*; or (--no-ratings) with (--source \S+)\n/.exec(err)!;
    const [, named = '', ...without] = remedies;
    const rated = buildOf(sample, ...named.split(' '));
    expect([rated.code, sourcesOf(rated.feed)]).toEqual([0, `debian,${rating}`]);
    const unrated = buildOf(sample, ...without.flatMap((words) => words.split(' ')));
    expect([unrated.code, sourcesOf(unrated.feed)]).toEqual([0, 'debian']);
  });
});
