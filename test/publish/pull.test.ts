import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/feed/index.ts';
import { pullExport } from '../../src/publish/exports/pull-export.ts';
import { trustFolder } from '../../src/publish/pull/feed-switch.ts';
import { absolutePlace } from '../../src/publish/pull/open-origin.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import {
  daysLater,
  makePublisher,
  type Publisher,
  pullInto,
  serve,
  writeNight,
} from './support/publisher.ts';

let publisher: Publisher;
let first: string;
let second: string;

beforeAll(async () => {
  publisher = await makePublisher();
  first = writeNight(300);
  second = writeNight(300, { 'package-0007': '2.0-1', 'package-0200': '3.1-2' });
  await publisher.publish([first]);
});

function place(): string {
  return join(temporaryFolder(), 'feed');
}

const filesOf = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

it('a place is kept so that it is the same one from any folder', () => {
  const here = process.cwd();
  expect(
    ['site', 'oci:docs', 'oci:docs:1', '/a/b', 'oci:/a:1', 'oci://r.example/x:1', 'https://r.example/x'].map(
      absolutePlace,
    ),
  ).toEqual([
    join(here, 'site'),
    `oci:${join(here, 'docs')}`,
    `oci:${join(here, 'docs')}:1`,
    '/a/b',
    'oci:/a:1',
    'oci://r.example/x:1',
    'https://r.example/x',
  ]);
});

describe('pull', () => {
  it('an address that is none of a feed: the advice is about the address, not about a build', async () => {
    const { url, close } = await serve(publisher.site);
    const pull = pullInto(place(), `${url}/nothing`, { pinned: publisher.root });
    await expect(pull).rejects.toMatchObject({
      code: 'FETCH_NOT_FOUND',
      remedy: expect.stringContaining('--from'),
    });
    await close();
  });

  it('one platform: an ordinary feed, the shard byte for byte', async () => {
    const out = place();
    const outcome = await pullInto(out, publisher.site, { pinned: publisher.root, platforms: ['debian-12'] });
    expect(outcome.platforms).toEqual([{ id: 'debian-12', how: 'whole', updated: '2026-11-20T00:00:00Z' }]);
    await checkFeed(out);
    expect(readFileSync(join(out, 'index/debian-12.jsonl'))).toEqual(
      readFileSync(join(first, 'index/debian-12.jsonl')),
    );
    const feed = openFeed(out);
    expect(feed.manifest.platforms.map(({ id }) => id)).toEqual(['debian-12']);
    expect(feed.shard('debian-12')!.package('package-0007')!.claims).toHaveLength(2);
    feed.close();
  });

  it('all platforms: joined, every index file as the build wrote it', async () => {
    const out = place();
    await pullInto(out, publisher.site, { pinned: publisher.root });
    const { outputs } = JSON.parse(readFileSync(join(first, 'manifest.json'), 'utf8')) as Manifest;
    const pulled = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
    expect(pulled.outputs).toEqual(outputs);
  });

  it('an unchanged feed costs two requests and nothing is written', async () => {
    const out = place();
    const server = await serve(publisher.site);
    await pullInto(out, server.url, { pinned: publisher.root, platforms: ['debian-12'] });
    server.requests.length = 0;
    const before = realpathSync(out);
    const outcome = await pullInto(out, server.url);
    await server.close();
    expect(outcome.platforms[0]!.how).toBe('unchanged');
    expect(server.requests).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);
    expect(outcome.bytes).toBeLessThan(3000);
    expect(realpathSync(out)).toBe(before);
  });

  it('a platform that is not published is named with those that are', async () => {
    await expect(
      pullInto(place(), publisher.site, { pinned: publisher.root, platforms: ['debian-99'] }),
    ).rejects.toMatchObject({ code: 'PLATFORM_NOT_COVERED', remedy: expect.stringContaining('debian-12') });
  });

  it('of another platform: the one that was here is gone, and said to be', async () => {
    const out = place();
    await pullInto(out, publisher.site, { pinned: publisher.root, platforms: ['debian-12'] });
    expect((await pullInto(out, publisher.site)).removed).toEqual([]);
    const other = await pullInto(out, publisher.site, { platforms: ['debian-13*'] });
    expect(other).toMatchObject({ platforms: [{ id: 'debian-13' }], removed: ['debian-12'] });
    expect((await pullInto(out, publisher.site)).removed).toEqual([]);
  });

  it('with the root of another publisher: the wrong root is named, each time', async () => {
    const out = place();
    const stranger = (await makePublisher()).root;
    for (const pinned of [stranger, stranger]) {
      await expect(pullInto(out, publisher.site, { pinned })).rejects.toMatchObject({
        code: 'TRUST_UNSIGNED',
        message: expect.stringContaining('probably the root of another publisher'),
        remedy: expect.stringMatching(/^specify the root of this publisher with --trust-root/),
      });
    }
    await pullInto(out, publisher.site, { pinned: publisher.root });
    await expect(pullInto(out, publisher.site, { pinned: stranger })).rejects.toMatchObject({
      message: expect.stringContaining('probably the root of another publisher'),
    });
  });

  describe('of RHEL and a product upon it', () => {
    const rpm = (id: string, os: SmallPlatform['platform']['os']): SmallPlatform => ({
      platform: { id, name: id, aliases: [], os, packaging: 'rpm', life: [] },
      statements: [
        { package: 'bash', vulnerability: 'CVE-2026-1', status: 'affected', fixState: 'none_yet' },
      ],
    });
    let redHat: Publisher;
    beforeAll(async () => {
      redHat = await makePublisher();
      const product = rpm('rhel-layered-openshift', { id: 'redhat-layered', version: 'openshift' });
      await redHat.publish([writeSmallFeed([rpm('rhel-9', { id: 'rhel', version: '9' }), product])]);
    });

    it.each([
      [['rhel-9'], ['layered_products_not_pulled'], 1],
      [['rhel-*'], undefined, 2],
      [['rhel-9', 'rhel-layered-openshift'], undefined, 2],
    ])('%j: marks %j', async (platforms, marks, count) => {
      const out = place();
      await pullInto(out, redHat.site, { pinned: redHat.root, platforms });
      const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
      expect(manifest.platforms).toHaveLength(count);
      expect(manifest.platforms.find(({ id }) => id === 'rhel-9')!.marks).toEqual(marks);
      expect((await pullInto(out, redHat.site)).platforms.map(({ how }) => how)).toContain('unchanged');
      await checkFeed(out);
    });
  });

  it('takes the next mirror when one fails, and tells why', async () => {
    const server = await serve(publisher.site);
    const outcome = await pullInto(place(), ['http://127.0.0.1:9', server.url], { pinned: publisher.root });
    await server.close();
    expect(outcome.from).toBe(server.url);
    expect(outcome.passed).toEqual([expect.stringMatching(/FETCH_FAILED/)]);
  });

  it('429 and 503 are waited for', async () => {
    let refused = 0;
    const server = await serve(publisher.site, {
      'metadata/timestamp.json': (response) => {
        refused += 1;
        if (refused > 1) response.end(readFileSync(join(publisher.site, 'metadata/timestamp.json')));
        else response.writeHead(429, { 'retry-after': '0' }).end();
      },
    });
    const outcome = await pullInto(place(), server.url, { pinned: publisher.root });
    await server.close();
    expect(outcome.platforms).toHaveLength(2);
    expect(refused).toBe(2);
  });

  it('goes on where a cut transfer ended', async () => {
    const name = 'targets/debian-12/index/debian-12.jsonl.br';
    const folder = join(publisher.site, 'targets/debian-12/index');
    const whole = readFileSync(
      join(folder, readdirSync(folder).find((file) => file.endsWith('debian-12.jsonl.br'))!),
    );
    const ranges: (string | undefined)[] = [];
    const server = await serve(publisher.site, {
      [name]: (response, request) => {
        ranges.push(request.headers.range);
        const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
        if (from === 0) {
          response.writeHead(200, { 'content-length': whole.length });
          response.write(whole.subarray(0, 100), () => response.destroy());
          return;
        }
        const range = `bytes ${from}-${whole.length - 1}/${whole.length}`;
        response.writeHead(206, { 'content-range': range }).end(whole.subarray(from));
      },
    });
    const out = place();
    await pullInto(out, server.url, { pinned: publisher.root, platforms: ['debian-12'] });
    await server.close();
    expect(ranges).toEqual([undefined, 'bytes=100-']);
    await checkFeed(out);
  });

  it('a damaged feed is mended by the next pull', async () => {
    const out = place();
    await pullInto(out, publisher.site, { pinned: publisher.root, platforms: ['debian-12'] });
    writeFileSync(join(out, 'index/debian-12.jsonl'), 'damaged');
    await pullInto(out, publisher.site);
    await checkFeed(out);
  });

  it('replaces nothing that no pull made', async () => {
    const out = temporaryFolder();
    await expect(pullInto(out, publisher.site, { pinned: publisher.root })).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
    });
  });

  it('a lock of a dead process is taken over, one of a living process is not', async () => {
    const out = place();
    mkdirSync(trustFolder(out), { recursive: true });
    const lock = join(trustFolder(out), 'lock');
    const pid = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
    const { hostname } = await import('node:os');
    writeFileSync(lock, JSON.stringify({ pid, host: hostname(), start: '1' }));
    await pullInto(out, publisher.site, { pinned: publisher.root });
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), start: '' }));
    await expect(pullInto(out, publisher.site)).rejects.toMatchObject({ code: 'FEED_LOCKED' });
    const asked = {
      target: 'csaf',
      into: place(),
      from: [publisher.site],
      now: new Date(),
      progress: () => {},
    };
    await expect(pullExport({ ...asked, out, http: { env: {} } })).rejects.toMatchObject({
      code: 'FEED_LOCKED',
      message: expect.stringContaining(`is using the trust of the feed ${out}`),
    });
  });
});

describe('a second night', () => {
  const site = join(temporaryFolder(), 'site');
  const nights = { first: '', second: '' };

  beforeAll(async () => {
    cpSync(publisher.site, site, { recursive: true });
    nights.first = join(temporaryFolder(), 'first');
    cpSync(site, nights.first, { recursive: true });
    await publisher.publish([second], { to: site, date: daysLater(1) });
  });

  it.each([
    ['one platform', ['debian-12']],
    ['two platforms', ['debian-12', 'debian-13']],
  ])('comes as a delta of %s, byte for byte what a fresh pull brings', async (_, platforms) => {
    const out = place();
    await pullInto(out, nights.first, { pinned: publisher.root, platforms });
    const outcome = await pullInto(out, site, { now: daysLater(1) });
    expect(outcome.platforms.map(({ how }) => how)).toContain('delta');
    const fresh = place();
    await pullInto(fresh, site, { pinned: publisher.root, platforms, now: daysLater(1) });
    expect(filesOf(out)).toEqual(filesOf(fresh));
    for (const file of filesOf(fresh).filter((name) => /\.[a-z]+$/.test(name))) {
      expect(readFileSync(join(out, file)), file).toEqual(readFileSync(join(fresh, file)));
    }
    await checkFeed(out);
  });

  it('changes.json names what changed, and the page shows it', () => {
    const changes = JSON.parse(readFileSync(join(site, 'changes.json'), 'utf8'));
    expect(changes.platforms[0]).toMatchObject({
      platform: 'debian-12',
      counts: { now_fixed: 2, gone: 0 },
      changes: [
        {
          kind: 'now_fixed',
          package: 'package-0007',
          vulnerability: 'CVE-2026-1007',
          after: { fixed: '2.0-1' },
        },
        { kind: 'now_fixed', package: 'package-0200' },
      ],
    });
    expect(readFileSync(join(site, 'changes.html'), 'utf8')).toContain('CVE-2026-1007');
  });

  it('a delta that does not fit what is installed is passed over for the whole', async () => {
    const out = place();
    await pullInto(out, nights.first, { pinned: publisher.root, platforms: ['debian-12'] });
    const shard = join(out, 'index/debian-12.jsonl');
    writeFileSync(shard, readFileSync(shard, 'utf8').replace('package-0150', 'package-015X'));
    const outcome = await pullInto(out, site, { now: daysLater(1) });
    expect(outcome.platforms[0]!.how).toBe('whole');
    await checkFeed(out);
  });

  it('a delta that a mirror lacks is passed over for the whole', async () => {
    const out = place();
    await pullInto(out, nights.first, { pinned: publisher.root, platforms: ['debian-12'] });
    const mirror = place();
    cpSync(site, mirror, { recursive: true });
    rmSync(join(mirror, 'targets/debian-12/delta'), { recursive: true });
    const outcome = await pullInto(out, mirror, { now: daysLater(1) });
    expect(outcome.platforms[0]!.how).toBe('whole');
    await checkFeed(out);
  });

  it('the feed that a scan has open stays until the switch after next', async () => {
    const out = place();
    await pullInto(out, nights.first, { pinned: publisher.root, platforms: ['debian-12'] });
    const feed = openFeed(realpathSync(out));
    await pullInto(out, site, { now: daysLater(1) });
    expect(feed.shard('debian-12')!.package('package-0007')!.claims).toHaveLength(2);
    feed.close();
    expect(existsSync(feed.directory)).toBe(true);
  });

  it('a reader beside it sees the one feed or the other, never a mixture', async () => {
    const out = place();
    await pullInto(out, nights.first, { pinned: publisher.root, platforms: ['debian-12'] });
    let done = false;
    let reads = 0;
    const switching = (async () => {
      await pullInto(out, site, { now: daysLater(1) });
      done = true;
    })();
    while (!done) {
      const feed = openFeed(realpathSync(out));
      const claims = feed
        .shard('debian-12')!
        .package('package-0007')!
        .claims.map(({ fixed }) => fixed);
      expect([
        ['1.0-1', undefined],
        [undefined, '1.0-1'],
        ['1.0-1', '2.0-1'],
      ]).toContainEqual(claims);
      feed.close();
      reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await switching;
    expect(reads).toBeGreaterThan(1);
  });

  it('--keep drops old content, and what is left can be pulled', async () => {
    const pruned = join(temporaryFolder(), 'site');
    cpSync(site, pruned, { recursive: true });
    const before = filesOf(join(pruned, 'targets')).length;
    const outcome = await publisher.publish([second], { to: pruned, date: daysLater(2), keep: 1 });
    expect(outcome.pruned).toBeGreaterThan(0);
    expect(filesOf(join(pruned, 'targets')).length).toBeLessThan(before);
    await pullInto(place(), pruned, { pinned: publisher.root, now: daysLater(2) });
  });

  it('a link that leads nowhere is replaced by a fresh pull', async () => {
    const out = place();
    symlinkSync('nowhere', out);
    await pullInto(out, site, { pinned: publisher.root, now: daysLater(1) });
    await checkFeed(out);
    rmSync(out);
  });
});
