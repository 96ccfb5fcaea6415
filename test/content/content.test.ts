import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ComplianceResult } from '../../src/model/compliance/index.ts';
import type { FeedContent, Manifest } from '../../src/model/feed/index.ts';
import { type CliResult, debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { type SmallStream, smallStream } from '../support/small-stream.ts';
import { nowhere, temporaryFolder } from '../support/temporary.ts';
import { zipOf } from '../support/zip.ts';

const sample = join(project, 'feeds/sample');
const address = 'https://releases.example/small-1.zip';

interface Release {
  files?: Record<string, string>;
  /** Content of the file with the digest; default: the digest. */
  digest?: string;
  bytes?: (zip: Buffer) => Buffer;
  products?: string[];
}

/** A mirror with the sample of Debian's data and a release of two products, and the list that names it. */
function mirrorWith({
  files = release(),
  digest,
  bytes = (zip) => zip,
  products = ['small', 'old'],
}: Release = {}) {
  const mirror = temporaryFolder('mirror');
  cpSync(sample, mirror, { recursive: true });
  const zip = bytes(zipOf(files));
  const place = join(mirror, address.slice('https://'.length));
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, zip);
  const sha512 = digest ?? createHash('sha512').update(zip).digest('hex');
  writeFileSync(`${place}.sha512`, `${sha512}  small-1.zip\n`);
  const list = join(mirror, 'content.json');
  const entry = {
    id: 'small-release',
    release: address,
    sha512: `${address}.sha512`,
    licence: 'BSD-3-Clause',
    products,
  };
  writeFileSync(list, JSON.stringify({ content: [entry] }));
  return { mirror, list };
}

function release(stream: SmallStream = {}): Record<string, string> {
  return {
    'small-1/README': 'what it is\n',
    'small-1/ssg-small-ds.xml': smallStream(stream),
    'small-1/ssg-old-ds.xml': smallStream({ release: '11' }),
  };
}

async function build(
  { mirror, list }: { mirror: string; list: string },
  out = join(temporaryFolder(), 'feed'),
  ...more: string[]
): Promise<CliResult & { feed: string }> {
  const args = [
    '--source',
    'debian',
    '--mirror',
    mirror,
    '--unsigned-mirror',
    '--no-oval',
    '--content',
    list,
  ];
  return {
    ...(await runHere(['build', ...args, '--snapshots', `${out}.snapshots`, '--out', out, ...more])),
    feed: out,
  };
}

function manifestOf(feed: string): Manifest {
  return JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as Manifest;
}

const settings = (text: string, version = '12', codename = 'bookworm') =>
  rootWith({
    'etc/os-release': debianRelease(version, codename),
    'var/lib/dpkg/status': stanza('bash', '5.2-1'),
    'etc/small.conf': text,
  });

describe('a feed with SCAP content', () => {
  let feed: string;

  beforeAll(async () => {
    const built = await build(mirrorWith());
    expect(built, built.err).toMatchObject({ code: 0 });
    feed = built.feed;
  }, 120_000);

  it('names each benchmark with version, licence, digests, platforms and profiles', () => {
    const { content = [], inputs, outputs } = manifestOf(feed);
    expect(content.map(({ path, platforms }) => [path, platforms])).toEqual([
      ['content/old.jsonl', ['debian-11']],
      ['content/small.jsonl', ['debian-12']],
    ]);
    expect(content[1]).toEqual({
      path: 'content/small.jsonl',
      product: 'small',
      platforms: ['debian-12'],
      benchmark: { id: 'xccdf_x_benchmark_small', title: 'Small benchmark', version: '1.0' },
      date: '2026-10-01T00:00:00Z',
      input: 'small-release',
      document: {
        name: 'ssg-small-ds.xml',
        sha256: createHash('sha256').update(smallStream()).digest('hex'),
      },
      licence: 'BSD-3-Clause',
      profiles: [
        { id: 'xccdf_x_profile_base', title: 'Profile base', rules: 3 },
        { id: 'xccdf_x_profile_strict', title: 'Profile strict', rules: 4 },
      ],
    } satisfies FeedContent);
    const own = inputs.filter(({ source }) => source === 'ssg').map(({ id, url, date }) => [id, url, date]);
    expect(own).toEqual([
      ['content-list', 'scapfeed:content.json', undefined],
      ['small-release', address, '2026-10-01T00:00:00Z'],
      ['small-release-sha512', `${address}.sha512`, undefined],
    ]);
    const output = outputs.find(({ path }) => path === 'content/small.jsonl');
    const bytes = readFileSync(join(feed, 'content/small.jsonl'));
    expect(output).toMatchObject({
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  it('is rebuilt from its snapshots to the last byte', () => {
    const rebuilt = scapfeed(['validate', '--rebuild', feed, '--snapshots', `${feed}.snapshots`]);
    expect(rebuilt, rebuilt.err).toMatchObject({
      code: 0,
      out: expect.stringContaining('every byte the same'),
    });
  });

  it('is listed by feeds, with its profiles, and by profiles', () => {
    expect(scapfeed(['feeds', '--feed', feed]).out).toMatch(
      /small +1\.0 +debian-12 +2026-10-01 +\d+ days? +BSD-3-Clause +base, strict/,
    );
    const listed = scapfeed(['profiles', 'bookworm', '--feed', feed]).out;
    expect(listed).toContain('Small benchmark, for debian-12');
    expect(listed).toMatch(/base +3 +Profile base\nstrict +4 +Profile strict/);
    expect(scapfeed(['profiles', 'debian-13', '--feed', feed])).toMatchObject({ code: 4 });
  });

  it('judges an image by the benchmark of its release, named by the profile alone', () => {
    const root = settings('setting1 = yes\nsetting2 = yes\nsetting3 = no\n');
    const run = scapfeed(['comply', `dir:${root}`, '--feed', feed, '--profile', 'base', '-o', 'json']);
    const { counts, content } = JSON.parse(run.out) as ComplianceResult;
    expect(run.err).toMatch(/^content: small 1\.0 of 2026-10-01 \(\d+ days? old\), from the feed/m);
    expect(counts).toMatchObject({ pass: 2, fail: 1 });
    expect(content.name).toBe('ssg-small-ds.xml');
    const gated = ['comply', `dir:${root}`, '--feed', feed, '--profile', 'base', '--fail-on', 'low'];
    expect(scapfeed(gated).code).toBe(1);
  });

  it('says how old an old benchmark is, in the result as well', () => {
    const args = ['comply', `dir:${settings('')}`, '--feed', feed, '--profile', 'base', '-o', 'json'];
    const at = (date: string) => String(Date.parse(date) / 1000);
    const old = scapfeed(args, { SOURCE_DATE_EPOCH: at('2027-10-01') });
    expect((JSON.parse(old.out) as ComplianceResult).notes).toEqual([
      { code: 'old_content', where: 'content/small.jsonl', detail: 'small 1.0 of 2026-10-01 (365 days old)' },
    ]);
    const young = scapfeed(args, { SOURCE_DATE_EPOCH: at('2026-10-08') });
    expect((JSON.parse(young.out) as ComplianceResult).notes).toBeUndefined();
  });

  it('has nothing for an image of a release without content, nor for content of another release', () => {
    const trixie = settings('setting1 = yes\n', '13', 'trixie');
    const none = scapfeed(['comply', `dir:${trixie}`, '--feed', feed, '--profile', 'base']);
    expect(none).toMatchObject({ code: 4, err: expect.stringContaining('no SCAP content for debian-13') });
    const other = ['comply', `dir:${trixie}`, '--feed', feed, '--profile', 'base', '--platform', 'debian-12'];
    expect(scapfeed(other)).toMatchObject({ code: 4, err: expect.stringContaining('nothing applies') });
  });

  it('without the profile, or changed after it was built, is a named error', () => {
    const root = settings('');
    const unknown = scapfeed(['comply', `dir:${root}`, '--feed', feed, '--profile', 'other']);
    expect(unknown).toMatchObject({ code: 3, err: expect.stringContaining('[PROFILE_UNKNOWN]') });
    expect(unknown.err).toContain('small: base, strict');
    const copy = join(temporaryFolder(), 'feed');
    cpSync(feed, copy, { recursive: true });
    const file = join(copy, 'content/small.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Less is safer', 'More is safer'));
    const changed = scapfeed(['comply', `dir:${root}`, '--feed', copy, '--profile', 'base']);
    expect(changed).toMatchObject({ code: 3, err: expect.stringContaining('[FEED_CORRUPT]') });
  });
});

it('of several benchmarks for a release, the one that --product names is taken', async () => {
  const files = { ...release(), 'small-1/ssg-ours-ds.xml': smallStream({ version: '7' }) };
  const { feed } = await build(mirrorWith({ files, products: ['small', 'ours'] }));
  const args = ['comply', `dir:${settings('setting1 = yes\n')}`, '--feed', feed, '--profile', 'base'];
  expect(scapfeed(args)).toMatchObject({
    code: 2,
    err: expect.stringMatching(/several benchmarks for debian-12: ours, small[\s\S]*--product/),
  });
  const other = rootWith({ 'etc/os-release': debianRelease('11', 'bullseye') });
  const elsewhere = ['comply', `dir:${other}`, '--feed', feed, '--profile', 'base', '--product', 'ours'];
  expect(scapfeed(elsewhere)).toMatchObject({
    code: 4,
    err: expect.stringContaining('the benchmark ours is for debian-12, the image is debian-11'),
  });
  expect(scapfeed([...args, '--product', 'ours'])).toMatchObject({
    code: 0,
    err: expect.stringContaining('content: ours 7 of'),
  });
});

it('a folder and single data streams are sources too; only the platforms of the feed get content', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'ssg-small-ds.xml'), smallStream());
  writeFileSync(join(folder, 'house-ds.xml'), smallStream({ release: '13', version: '3' }));
  writeFileSync(join(folder, 'ssg-far-ds.xml'), smallStream({ release: '99' }));
  const { mirror, list } = mirrorWith();
  const content = [
    { id: 'packaged', folder, licence: 'BSD-3-Clause', products: ['small', 'far'] },
    { id: 'house', stream: join(folder, 'house-ds.xml'), product: 'house', licence: 'LicenseRef-house' },
  ];
  writeFileSync(list, JSON.stringify({ content }));
  const { feed, code, out } = await build({ mirror, list });
  expect(code).toBe(0);
  expect(
    manifestOf(feed).content?.map(({ product, platforms, licence }) => [product, platforms, licence]),
  ).toEqual([
    ['house', ['debian-13'], 'LicenseRef-house'],
    ['small', ['debian-12'], 'BSD-3-Clause'],
  ]);
  expect(out).toContain('no platform in feed, as at packaged-far#ssg-far-ds.xml');
});

describe('published', { timeout: 120_000 }, () => {
  const passphrase = 'correct horse battery staple';
  let folder: string;
  let env: Record<string, string>;

  function publish(feed: string, ...more: string[]): CliResult {
    const args = ['--feed', feed, '--to', join(folder, 'site'), '--keys', join(folder, 'keys')];
    return scapfeed(
      ['publish', ...args, '--passphrase-file', join(folder, 'words'), '--no-oval', ...more],
      env,
    );
  }

  function pull(...more: string[]): CliResult {
    const root = join(folder, 'keys/1.root.json');
    return scapfeed(['pull', '--from', join(folder, 'site'), '--trust-root', root, ...more], env);
  }

  const pulled = (path: string) => join(folder, 'data/scapfeed/feed', path);

  beforeAll(async () => {
    folder = temporaryFolder('published-content');
    env = { XDG_DATA_HOME: join(folder, 'data') };
    writeFileSync(join(folder, 'words'), passphrase, { mode: 0o600 });
    const keys = ['--keys', join(folder, 'keys'), '--passphrase-file', join(folder, 'words')];
    expect(scapfeed(['keys', 'make', ...keys], env).code).toBe(0);
    const published = publish((await build(mirrorWith({ files: release({ rules: 400 }) }))).feed);
    expect(published, published.err).toMatchObject({ code: 0 });
  }, 120_000);

  it('comes with pull --content only, and judges flaws and profile offline', () => {
    expect(pull().code).toBe(0);
    expect(existsSync(pulled('content'))).toBe(false);
    expect(manifestOf(pulled('')).content).toBeUndefined();
    const none = scapfeed(['comply', `dir:${settings('')}`, '--profile', 'base'], env);
    expect(none).toMatchObject({ code: 3, err: expect.stringContaining('pull --content') });

    expect(pull('--content', '--platform', 'debian-12').code).toBe(0);
    expect(readdirSync(pulled('content'))).toEqual(['small.jsonl']);
    expect(manifestOf(pulled('')).content?.map(({ platforms }) => platforms)).toEqual([['debian-12']]);
    const judged = scapfeed(['comply', `dir:${settings('setting1 = yes\n')}`, '--profile', 'base'], env);
    expect(judged).toMatchObject({ code: 0, out: expect.stringContaining('398 fail, 1 pass') });
    // Asked for once, in the configuration of the nightly pull.
    const config = join(folder, 'config/scapfeed');
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'pull.json'), '{"content": true}');
    const nightly = { ...env, XDG_CONFIG_HOME: join(folder, 'config') };
    const args = ['pull', '--from', join(folder, 'site'), '--platform', 'debian-12'];
    expect(scapfeed(args, nightly).code).toBe(0);
    expect(readdirSync(pulled('content'))).toEqual(['small.jsonl']);
    expect(scapfeed(['validate', pulled('')], env)).toMatchObject({ code: 0 });
  });

  it('a new version of a benchmark comes as a patch', async () => {
    pull('--content', '--platform', 'debian-12');
    const before = readFileSync(pulled('content/small.jsonl'));
    const { feed } = await build(mirrorWith({ files: release({ rules: 400, version: '1.1' }) }));
    expect(publish(feed).code).toBe(0);
    const run = pull('--content', '-o', 'json');
    const after = readFileSync(pulled('content/small.jsonl'));
    expect(after.equals(before)).toBe(false);
    expect(after.equals(readFileSync(join(feed, 'content/small.jsonl')))).toBe(true);
    const delta = join(folder, 'site/targets/debian-12/delta');
    const patch = readdirSync(delta).find((name) => name.includes('small.'))!;
    const targets = join(folder, 'site/targets/debian-12/content');
    const whole = readdirSync(targets).map((name) => statSync(join(targets, name)).size);
    expect(statSync(join(delta, patch)).size * 10).toBeLessThan(Math.min(...whole));
    expect((JSON.parse(run.out) as { bytes: number }).bytes).toBeLessThan(Math.min(...whole));
  });

  it('a broken patch costs the whole file, not the pull', async () => {
    pull('--content', '--platform', 'debian-12');
    const { feed } = await build(mirrorWith({ files: release({ rules: 400, version: '1.2' }) }));
    publish(feed);
    // A client whose own copy was changed has no patch that leads from it.
    const file = readdirSync(join(folder, 'data/scapfeed/.feed.feeds'))[0]!;
    const own = join(folder, 'data/scapfeed/.feed.feeds', file, 'content/small.jsonl');
    writeFileSync(own, `${readFileSync(own, 'utf8')}\n`);
    expect(pull('--content').code).toBe(0);
    expect(
      readFileSync(pulled('content/small.jsonl')).equals(readFileSync(join(feed, 'content/small.jsonl'))),
    ).toBe(true);
  });

  it('a bundle carries it over the gap', () => {
    const bundle = join(folder, 'feed.bundle');
    const site = join(folder, 'site');
    expect(scapfeed(['bundle', '--from', site, '--platform', 'debian-12', '--out', bundle], env).code).toBe(
      0,
    );
    const there = { XDG_DATA_HOME: join(folder, 'other-side') };
    const args = ['pull', '--from', bundle, '--trust-root', join(folder, 'keys/1.root.json'), '--content'];
    expect(scapfeed(args, there)).toMatchObject({ code: 0 });
    const judged = scapfeed(['comply', `dir:${settings('setting1 = yes\n')}`, '--profile', 'strict'], there);
    expect(judged).toMatchObject({ code: 0, out: expect.stringContaining('399 fail, 1 pass') });
  });

  it('is held back when a profile is gone, loses rules, or is not what the manifest says', async () => {
    const held = async (stream: SmallStream) =>
      publish((await build(mirrorWith({ files: release(stream) }))).feed);
    const [one] = [[1, 2, 3]];
    expect(await held({ rules: 400, profiles: { strict: one! } })).toMatchObject({
      code: 3,
      out: expect.stringMatching(/profile xccdf_x_profile_base of the SCAP content small is gone/),
    });
    const fewer = await held({ rules: 400, profiles: { base: one!, strict: one! } });
    expect(fewer.out).toMatch(/xccdf_x_profile_strict of the SCAP content small has 3 rules, 400 before/);
    const { feed } = await build(mirrorWith({ files: release({ rules: 400 }) }));
    const manifest = manifestOf(feed);
    manifest.content![1]!.profiles[0]!.rules = 1000;
    writeFileSync(join(feed, 'manifest.json'), JSON.stringify(manifest));
    expect(publish(feed)).toMatchObject({
      code: 3,
      out: expect.stringContaining('not the one that the manifest'),
    });
  });
});

describe('bad content', { timeout: 60_000 }, () => {
  const good = temporaryFolder();
  beforeAll(async () => {
    expect((await build(mirrorWith(), join(good, 'feed'))).code).toBe(0);
  }, 60_000);

  const bad: { what: string; release: Release; code: string }[] = [
    { what: 'another digest', release: { digest: '0'.repeat(128) }, code: 'SOURCE_DIGEST_WRONG' },
    { what: 'no digest', release: { digest: 'none' }, code: 'SOURCE_MALFORMED' },
    {
      what: 'a name that leads out of the archive',
      release: { files: { ...release(), '../evil': 'x' } },
      code: 'SOURCE_MALFORMED',
    },
    { what: 'a cut archive', release: { bytes: (zip) => zip.subarray(0, -200) }, code: 'SOURCE_MALFORMED' },
    { what: 'a web page', release: { bytes: () => Buffer.from('<html>') }, code: 'SOURCE_MALFORMED' },
    { what: 'a product that is not there', release: { products: ['other'] }, code: 'SOURCE_MALFORMED' },
    {
      what: 'a cut document',
      release: { files: { ...release(), 'small-1/ssg-small-ds.xml': smallStream().slice(0, -900) } },
      code: 'CONTENT_MALFORMED',
    },
    {
      what: 'a document of another namespace',
      release: {
        files: {
          ...release(),
          'small-1/ssg-small-ds.xml': smallStream().replace('scap/source/1.2', 'scap/source/9'),
        },
      },
      code: 'CONTENT_MALFORMED',
    },
    {
      what: 'a document type',
      release: {
        files: {
          ...release(),
          'small-1/ssg-small-ds.xml': smallStream().replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>'),
        },
      },
      code: 'CONTENT_MALFORMED',
    },
  ];

  it.each(bad)(
    '$what: the error is named, and the last feed is as it was',
    async ({ release: broken, code }) => {
      const folder = temporaryFolder();
      cpSync(good, folder, { recursive: true });
      const out = join(folder, 'feed');
      const before = readFileSync(join(out, 'manifest.json'), 'utf8');
      const strict = await build(mirrorWith(broken), out, '--strict');
      expect(strict).toMatchObject({ code: 3, err: expect.stringContaining(`[${code}]`) });
      expect(readFileSync(join(out, 'manifest.json'), 'utf8')).toBe(before);
      // Without --strict the benchmarks of the last feed stay, marked.
      const kept = await build(mirrorWith(broken), out);
      expect(kept).toMatchObject({ code: 3, err: expect.stringContaining(`[${code}]`) });
      expect(manifestOf(out).content?.map(({ product }) => product)).toEqual(['old', 'small']);
      expect(manifestOf(out).sources.find(({ id }) => id === 'ssg')?.failed).toBe(code);
    },
  );

  it('a list that breaks its schema, or names a product twice', async () => {
    const { mirror, list } = mirrorWith({ products: ['small', 'small'] });
    expect(await build({ mirror, list })).toMatchObject({
      code: 3,
      err: expect.stringContaining('[SOURCE_MALFORMED]'),
    });
    writeFileSync(list, '{"content": [{"id": "x"}]}');
    expect(await build({ mirror, list })).toMatchObject({
      code: 3,
      err: expect.stringContaining('content-list.schema.json'),
    });
    expect(await build({ mirror, list: nowhere() })).toMatchObject({ code: 2 });
  });
});
