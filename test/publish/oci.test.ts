import { cpSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ScapfeedError } from '../../src/model/error.ts';
import { openKeyStore } from '../../src/publish/keys/key-store.ts';
import { type OciPublishOptions, publishOci } from '../../src/publish/oci/publish-oci.ts';
import { openFeedRepository, type RegistryAccess } from '../../src/publish/oci/repository.ts';
import type { FeedPullOptions } from '../../src/publish/pull/pull.ts';
import { certificate } from '../image/support/tls.ts';
import { testCertificate } from '../support/http-server.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';
import {
  daysLater,
  makePublisher,
  type Publisher,
  publishDefaults,
  pullInto,
  writeNight,
} from './support/publisher.ts';
import {
  digestOf,
  type Lie,
  type MemoryRegistry,
  type RegistryOptions,
  startMemoryRegistry,
} from './support/registry.ts';

const env = { HOME: noHome() };
const http = { env, limits: { retries: 1, firstDelay: 1, longestDelay: 50 } };
const nights = [
  writeNight(300),
  writeNight(300, { 'package-0003': '2.0-1' }),
  writeNight(300, { 'package-0003': '2.0-1', 'package-0004': '2.0-1' }),
];

let publisher: Publisher;

type Content = Pick<MemoryRegistry, 'blobs' | 'manifests'>;

/** Made once: a registry after the first and after the second night, the publisher's folder and a client after the first. */
let start: { first: Content; second: Content; digest: string; folder: string };

beforeAll(async () => {
  publisher = await makePublisher();
  const registry = await startMemoryRegistry();
  const folder = temporaryFolder();
  const { pushed } = await publishNight(registry, join(folder, 'work'), 0);
  await pullNight(registry.url, join(folder, 'feed'), 0);
  const first = { blobs: new Map(registry.blobs), manifests: new Map(registry.manifests) };
  const later = newFolder('work');
  cpSync(join(folder, 'work'), later, { recursive: true });
  await publishNight(registry, later, 1);
  registry.close();
  start = { first, second: registry, digest: pushed.digest, folder };
});

/** Publishes night N on day N, by default from the one folder of this test. */
function publishNight(
  registry: MemoryRegistry,
  work: string,
  night: number,
  options: Partial<OciPublishOptions> = {},
) {
  return publishOci({
    ...publishDefaults(daysLater(night)),
    feeds: [nights[night]!],
    to: registry.url,
    store: publisher.store,
    work,
    http,
    ...options,
  });
}

function pullNight(
  from: string | string[],
  out: string,
  night: number,
  options: Partial<FeedPullOptions> = {},
) {
  return pullInto(out, from, { pinned: publisher.root, now: daysLater(night), http, ...options });
}

const newFolder = (name: string) => join(temporaryFolder(), name);

/** A registry that is gone when the test is over. */
async function openRegistry(options?: RegistryOptions): Promise<MemoryRegistry> {
  const registry = await startMemoryRegistry(options);
  onTestFinished(() => registry.close());
  return registry;
}

/** A registry with the first night in it, its publisher's folder, and a client that has pulled. */
async function firstNight(options: RegistryOptions = {}) {
  const registry = await openRegistry({ content: start.first, ...options });
  const folder = temporaryFolder();
  cpSync(start.folder, folder, { recursive: true, verbatimSymlinks: true });
  return { registry, work: join(folder, 'work'), out: join(folder, 'feed') };
}

/** Path -> content of a pulled feed. */
function filesOf(out: string): Record<string, string> {
  const feed = realpathSync(out);
  const files = readdirSync(feed, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(feed.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

/** Digests that manifests in the registry name for the files of a role's platform or of `feed`, by title. */
function layersOf({ manifests }: MemoryRegistry, platform: string, tag = 'latest'): Map<string, string> {
  const index = JSON.parse(manifests.get(tag)!.toString()) as {
    manifests: { digest: string; annotations: Record<string, string> }[];
  };
  const entry = index.manifests.find(({ annotations }) => annotations['vnd.scapfeed.platform'] === platform)!;
  const { layers } = JSON.parse(manifests.get(entry.digest)!.toString()) as typeof index & {
    layers: { digest: string; annotations: Record<string, string> }[];
  };
  return new Map(
    layers.map(({ digest, annotations }) => [annotations['org.opencontainers.image.title']!, digest]),
  );
}

function layerEnding(registry: MemoryRegistry, platform: string, ending: string): string {
  const layers = layersOf(registry, platform);
  return layers.get([...layers.keys()].find((title) => title.endsWith(ending))!)!;
}

const sent = (registry: MemoryRegistry, method: string) =>
  registry.requests.filter((request) => request.startsWith(`${method} `));

async function failure(task: Promise<unknown>): Promise<ScapfeedError> {
  const error = await task.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ScapfeedError);
  return error as ScapfeedError;
}

describe('a feed in a registry', () => {
  it('comes as it does from a folder, byte for byte', async () => {
    const { work, out } = await firstNight();
    const beside = newFolder('feed');

    await pullNight(work, beside, 0);

    expect(filesOf(out)).toEqual(filesOf(beside));
  });

  it('--platform asks for nothing of another platform', async () => {
    const { registry } = await firstNight();
    const others = [...layersOf(registry, 'debian-13').values()];
    const wanted = new Set([...layersOf(registry, 'debian-12').values()]);

    await pullNight(registry.url, newFolder('feed'), 0, { platforms: ['debian-12'] });

    const asked = registry.requests.filter((request) =>
      others.some((digest) => !wanted.has(digest) && request.endsWith(digest)),
    );
    expect(asked).toEqual([]);
  });

  it.each<[name: string, options: RegistryOptions, spoil: string | undefined, requests: number]>([
    ['a request without an answer', {}, undefined, 1],
    ['its index, where the registry knows no conditions', { conditional: false }, undefined, 1],
    ['what is not at hand any more', {}, '{}', 3],
  ])('that did not change costs %s', async (_, options, spoil, requests) => {
    const { registry, out } = await firstNight(options);
    await pullNight(registry.url, out, 0);
    const kept = join(out, '../.feed.trust/oci');
    if (spoil !== undefined) for (const file of readdirSync(kept)) writeFileSync(join(kept, file), spoil);
    registry.requests.length = 0;

    const outcome = await pullNight(registry.url, out, 0);

    expect(outcome.platforms.map(({ how }) => how)).toEqual(['unchanged', 'unchanged']);
    expect(registry.requests).toHaveLength(requests);
    expect(outcome).toMatchObject({
      requests,
      bytes: options.conditional === false || spoil ? expect.any(Number) : 0,
    });
    expect(readdirSync(kept)).toHaveLength(3);
  });

  it('sends and fetches on the second night only what is new', async () => {
    const { registry, work, out } = await firstNight();
    const before = new Set(registry.blobs.keys());
    const atFirst = registry.received();

    const { pushed } = await publishNight(registry, work, 1);

    const added = [...registry.blobs.keys()].filter((digest) => !before.has(digest));
    const bytes = added.reduce((sum, digest) => sum + registry.blobs.get(digest)!.length, 0);
    expect(sent(registry, 'PUT').filter((request) => request.includes('/blobs/'))).toHaveLength(added.length);
    expect(pushed.sent).toEqual({ blobs: added.length, bytes });
    expect(registry.requests.join()).not.toContain(layersOf(registry, 'debian-13').values().next().value);
    // Beside blobs: the manifests of `feed` and debian-12, and the index.
    expect(sent(registry, 'PUT').filter((request) => request.includes('/manifests/'))).toHaveLength(3);
    expect(registry.received() - atFirst - bytes).toBeLessThan(10_000);

    registry.requests.length = 0;
    const outcome = await pullNight(registry.url, out, 1);
    expect(outcome.platforms.map(({ how }) => how)).toEqual(['delta', 'unchanged']);
    expect(sent(registry, 'GET').map((request) => request.replace(/^.*\//, ''))).toEqual([
      'latest',
      expect.stringMatching(/^sha256:/),
      layerEnding(registry, 'feed', 'timestamp.json'),
      layerEnding(registry, 'feed', '2.snapshot.json'),
      layerEnding(registry, 'debian-12', '2.debian-12.json'),
      layerEnding(registry, 'debian-12', '.json.br'),
    ]);
  });

  it('is read as of one publication, whatever the tag does meanwhile', async () => {
    const { registry, out } = await firstNight({ content: start.second });
    const now = registry.manifests.get('latest')!;
    registry.manifests.set('latest', start.first.manifests.get('latest')!);
    registry.lie(({ url }) => {
      if (url?.includes('/blobs/')) registry.manifests.set('latest', now);
      return false;
    });

    const beside = newFolder('feed');
    await pullNight(registry.url, beside, 0);

    expect(filesOf(beside)).toEqual(filesOf(out));
    expect((await pullNight(registry.url, beside, 1)).platforms[0]).toMatchObject({ how: 'delta' });
  });

  it('by digest', async () => {
    const { registry, out } = await firstNight();
    const beside = newFolder('feed');

    await pullNight(registry.url.replace(':latest', `@${start.digest}`), beside, 0);

    expect(filesOf(beside)).toEqual(filesOf(out));
    registry.manifests.set(start.digest, start.second.manifests.get('latest')!);
    const error = await failure(
      pullNight(registry.url.replace(':latest', `@${start.digest}`), newFolder('feed'), 1),
    );
    expect(error).toMatchObject({ code: 'TRUST_SWAPPED', message: expect.stringContaining(start.digest) });
  });

  it('from a layout of several tags, by the tag, as images are named', async () => {
    const { out } = await firstNight();
    const layout = newFolder('layout');
    for (const [digest, bytes] of [...start.second.blobs, ...start.second.manifests]) {
      if (!digest.startsWith('sha256:')) continue;
      mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
      writeFileSync(join(layout, 'blobs', digest.replace(':', '/')), bytes);
    }
    const top = (content: Content, tag: string) => {
      const bytes = content.manifests.get('latest')!;
      writeFileSync(join(layout, 'blobs', digestOf(bytes).replace(':', '/')), bytes);
      return {
        mediaType: 'application/vnd.oci.image.index.v1+json',
        digest: digestOf(bytes),
        size: bytes.length,
        annotations: { 'org.opencontainers.image.ref.name': tag },
      };
    };
    const manifests = [top(start.first, 'first'), top(start.second, 'second')];
    writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');

    const beside = newFolder('feed');
    await pullNight(`oci:${layout}:first`, beside, 0);
    expect(filesOf(beside)).toEqual(filesOf(out));
    expect((await pullNight(`oci:${layout}:second`, beside, 1)).platforms[0]!.how).not.toBe('unchanged');
    for (const [from, found] of [
      [layout, 'one index, found 2'],
      [`oci:${layout}`, 'one index, found 2'],
      [`oci:${layout}:third`, 'one index of the tag third, found none'],
    ] as const) {
      const error = await failure(pullNight(from, newFolder('feed'), 1));
      expect(error).toMatchObject({ code: 'TRUST_NOT_METADATA', message: expect.stringContaining(found) });
    }
    expect(await failure(pullNight('oci:/nowhere:x', newFolder('feed'), 1))).toMatchObject({
      code: 'FETCH_NOT_FOUND',
    });
  });

  it('a cut blob is asked for from where it was cut', async () => {
    const { registry, out } = await firstNight();
    const digest = layerEnding(registry, 'debian-12', '.debian-12.jsonl.br');
    const bytes = registry.blobs.get(digest)!;
    const ranges: (string | undefined)[] = [];
    registry.lie(({ url, headers }, response) => {
      if (!url?.endsWith(digest)) return false;
      ranges.push(headers.range);
      if (headers.range) return false;
      response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 100));
      setTimeout(() => response.destroy(), 20);
      return true;
    });

    const beside = newFolder('feed');
    await pullNight(registry.url, beside, 0);

    expect(filesOf(beside)).toEqual(filesOf(out));
    expect(ranges).toEqual([undefined, 'bytes=100-']);
  });

  it('of several mirrors the next is taken: a registry that is down, a web page, a folder', async () => {
    const { registry, work, out } = await firstNight();
    const broken = await openRegistry();
    broken.lie(page);

    const beside = newFolder('feed');
    const outcome = await pullNight(['oci://127.0.0.1:1/feeds/debian', broken.url, work], beside, 0);

    expect(outcome).toMatchObject({ from: work });
    expect(outcome.passed).toEqual([
      expect.stringContaining('FETCH_FAILED'),
      expect.stringContaining('TRUST_NOT_METADATA'),
    ]);
    expect(filesOf(beside)).toEqual(filesOf(out));
    expect(await pullNight([broken.url, registry.url], beside, 0)).toMatchObject({ from: registry.url });
  });
});

const page: Lie = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Log in</title>');
  return true;
};

const status =
  (code: number, headers: Record<string, string> = {}): Lie =>
  (_request, response) => {
    response.writeHead(code, headers).end();
    return true;
  };

/** Lies for requests whose address ends so. */
function at(place: (registry: MemoryRegistry) => string, lie: Lie) {
  return (registry: MemoryRegistry): Lie => {
    const ending = place(registry);
    return (request, response) => request.url!.endsWith(ending) && lie(request, response);
  };
}

const tag = () => 'latest';
const timestamp = (registry: MemoryRegistry) => layerEnding(registry, 'feed', 'timestamp.json');
const role = (registry: MemoryRegistry) => layerEnding(registry, 'debian-12', '2.debian-12.json');
const target = (registry: MemoryRegistry) => layerEnding(registry, 'debian-12', '.json.br');
/** Of the index that the tag names, `feed` first. */
const manifestsOf = ({ manifests }: MemoryRegistry) =>
  (JSON.parse(manifests.get('latest')!.toString()) as { manifests: { digest: string }[] }).manifests.map(
    ({ digest }) => digest,
  );
const shared = (registry: MemoryRegistry) => manifestsOf(registry)[0]!;

const body =
  (content: string | Buffer): Lie =>
  (_request, response) => {
    response.writeHead(200).end(content);
    return true;
  };

/** The true bytes, cut to half or with their last one turned, by a server that says nothing of it. */
function spoiled(place: (registry: MemoryRegistry) => string, spoil: (bytes: Buffer) => Buffer) {
  return (registry: MemoryRegistry): Lie => {
    const digest = place(registry);
    const bytes = spoil(Buffer.from((registry.blobs.get(digest) ?? registry.manifests.get(digest))!));
    return at(() => digest, body(bytes))(registry);
  };
}
const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);
const turned = (bytes: Buffer) => {
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
};
/** As a client sees them that was cut short of a whole body again and again. */
const hangUp: Lie = (_request, response: ServerResponse) => {
  response.writeHead(200, { 'content-length': 5000 }).write('{');
  setTimeout(() => response.destroy(), 5);
  return true;
};

const trickle: Lie = (_request, response) => {
  response.writeHead(200, { 'content-length': 5000 });
  const timer = setInterval(() => response.write(' '), 100);
  response.on('close', () => clearInterval(timer));
  return true;
};

describe('a registry that lies or fails leaves the feed in use', () => {
  it.each<[name: string, lie: (registry: MemoryRegistry) => Lie, code: string, told: RegExp]>([
    ['200 with a web page for the tag', at(tag, page), 'TRUST_NOT_METADATA', /web page/],
    ['200 with a web page for a blob', at(target, page), 'TRUST_NOT_METADATA', /web page/],
    ['no feed of this name', at(tag, status(404)), 'FETCH_NOT_FOUND', /none of this name/],
    ['401 without a way to log in', at(tag, status(401)), 'FETCH_REFUSED', /status 401/],
    [
      '401 that asks for a login',
      at(tag, status(401, { 'www-authenticate': 'Basic realm="x"' })),
      'FETCH_REFUSED',
      /asks for a login/,
    ],
    ['403 for a blob', at(target, status(403)), 'FETCH_REFUSED', /status 403/],
    ['429 with a long Retry-After', at(tag, status(429, { 'retry-after': '3600' })), 'FETCH_FAILED', /3600/],
    ['429 at a blob', at(target, status(429)), 'FETCH_FAILED', /429/],
    ['503', at(timestamp, status(503)), 'FETCH_FAILED', /503/],
    ['an image in its place', at(tag, body('{"layers":[]}')), 'TRUST_NOT_METADATA', /without manifests/],
    ['an index of nothing', at(tag, body('{"manifests":[]}')), 'TRUST_NOT_METADATA', /names no platform/],
    ['an index without metadata', at(tag, body(indexOf('debian-12'))), 'FETCH_NOT_FOUND', /none/],
    ['a changed manifest', spoiled(shared, turned), 'TRUST_SWAPPED', /digest/],
    ['a cut manifest', spoiled(shared, half), 'TRUST_TRUNCATED', /bytes/],
    ['a changed timestamp', spoiled(timestamp, turned), 'TRUST_SWAPPED', /digest/],
    ['a cut timestamp', spoiled(timestamp, half), 'TRUST_TRUNCATED', /bytes/],
    ['changed metadata of a platform', spoiled(role, turned), 'TRUST_SWAPPED', /debian-12 metadata/],
    ['cut metadata of a platform', spoiled(role, half), 'TRUST_TRUNCATED', /debian-12 metadata/],
    ['no metadata of a platform', at(role, status(404)), 'TRUST_SWAPPED', /debian-12/],
    ['a changed target', spoiled(target, turned), 'TRUST_SWAPPED', /sha256/],
    ['a cut target', spoiled(target, half), 'TRUST_TRUNCATED', /bytes/],
    [
      'an endless target',
      spoiled(target, (bytes) => Buffer.concat([bytes, bytes])),
      'FETCH_TOO_LARGE',
      /more/,
    ],
    ['a line that breaks again and again', at(timestamp, hangUp), 'FETCH_FAILED', /no complete response/],
  ])('%s', async (_, lie, code, told) => {
    const { registry, out } = await firstNight({ content: start.second });
    const before = realpathSync(out);
    registry.lie(lie(registry));

    const error = await failure(pullNight(registry.url, out, 1));

    expect({ code: error.code, exit: error.exitCode }).toEqual({ code, exit: 3 });
    expect(error.message).toMatch(told);
    expect(error.where).toContain(registry.host);
    expect(error.remedy).toBeTruthy();
    expect(realpathSync(out)).toBe(before);
    registry.lie(undefined);
    expect((await pullNight(registry.url, out, 1)).platforms[0]).toMatchObject({ how: 'delta' });
  });

  it('a delta that is gone is passed over for the whole files', async () => {
    const { registry, out } = await firstNight({ content: start.second });
    registry.lie(at(target, status(404))(registry));

    expect((await pullNight(registry.url, out, 1)).platforms[0]).toMatchObject({ how: 'whole' });
  });

  it('a blob that never ends to trickle', async () => {
    const { registry, out } = await firstNight({ content: start.second });
    const before = realpathSync(out);
    registry.lie(at(timestamp, trickle)(registry));
    const impatient = { http: { ...http, limits: { ...http.limits, idle: 300 } } };

    const error = await failure(pullNight(registry.url, out, 1, impatient));

    expect(error).toMatchObject({ code: 'FETCH_TIMEOUT', where: expect.stringContaining(registry.host) });
    expect(realpathSync(out)).toBe(before);
  });

  it('a registry that is busy for a while is waited for', async () => {
    const { registry, out } = await firstNight();
    const seen = new Set<string>();
    registry.lie(({ url }, response) => {
      if (seen.has(url!)) return false;
      seen.add(url!);
      response.writeHead(429, { 'retry-after': '0' }).end();
      return true;
    });

    expect((await pullNight(registry.url, out, 0)).platforms[0]).toMatchObject({ how: 'unchanged' });
  });

  it.each([
    ['oci://127.0.0.1:5000/Feeds/debian', /lower case/],
    ['oci://127.0.0.1:5000/feeds:', /a tag/],
    ['oci:///feeds', /lower case/],
    ['oci://127.0.0.1:5000/feeds@sha256:12', /a digest/],
  ])('%s is no place', async (place, told) => {
    const error = await failure(pullNight(place, newFolder('feed'), 0));

    expect(error).toMatchObject({ code: 'USAGE', where: place, message: expect.stringMatching(told) });
  });
});

function indexOf(platform: string): string {
  return JSON.stringify({
    manifests: [
      { digest: digestOf(Buffer.alloc(0)), size: 0, annotations: { 'vnd.scapfeed.platform': platform } },
    ],
  });
}

describe('a push that fails', () => {
  it.each<[name: string, method: string, part: string, code: number, told: string]>([
    ['before a blob', 'POST', '/blobs/uploads/', 503, '503'],
    ['at a blob', 'PUT', '/blobs/uploads/', 500, '500'],
    ['at a manifest', 'PUT', '/manifests/sha256:', 502, '502'],
    ['at the tag', 'PUT', '/manifests/latest', 429, '429'],
    ['for want of rights', 'PUT', '/manifests/', 403, '403'],
  ])('%s leaves the tag; the next one goes on', async (_, method, part, code, told) => {
    const { registry, work, out } = await firstNight();
    const before = registry.manifests.get('latest')!;
    registry.lie(
      (request, response) =>
        request.method === method && request.url!.includes(part) && status(code)(request, response),
    );

    const error = await failure(publishNight(registry, work, 1));

    expect(error.code).toBe(code === 403 ? 'FETCH_REFUSED' : 'PUSH_FAILED');
    expect(error.message).toContain(told);
    expect(error.where).toContain(registry.host);
    expect(error.remedy).toMatch(code === 403 ? /log in/ : /publish again/);
    expect(registry.manifests.get('latest')).toBe(before);
    registry.lie(undefined);
    expect((await pullNight(registry.url, out, 1)).platforms[0]).toMatchObject({ how: 'unchanged' });
    await publishNight(registry, work, 2);
    expect((await pullNight(registry.url, out, 2)).platforms[0]).toMatchObject({ how: 'delta' });
  });

  it('for a moment is repeated', async () => {
    const { registry, work, out } = await firstNight();
    const seen = new Set<string>();
    registry.lie((request, response) => {
      const key = `${request.method} ${request.url!.replace(/\?.*/, '')}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return status(503)(request, response);
    });

    await publishNight(registry, work, 1);

    registry.lie(undefined);
    expect((await pullNight(registry.url, out, 1)).platforms[0]).toMatchObject({ how: 'delta' });
  });

  it('is told when somebody else has moved the tag meanwhile', async () => {
    const { registry, work } = await firstNight();
    const theirs = Buffer.concat([registry.manifests.get('latest')!, Buffer.from('\n')]);
    registry.lie(({ method }) => {
      if (method === 'POST') registry.manifests.set('latest', theirs);
      return false;
    });

    const error = await failure(publishNight(registry, work, 1));

    expect(error).toMatchObject({ code: 'PUBLISH_CONFLICT', where: registry.url, exitCode: 3 });
    expect(registry.manifests.get('latest')).toBe(theirs);
  });

  it('finds out what the registry has lost, and sends it again', async () => {
    const { registry, work } = await firstNight();
    registry.blobs.delete(layerEnding(registry, 'debian-12', '.debian-12.roster.txt.br'));
    for (const digest of manifestsOf(registry)) registry.manifests.delete(digest);

    await publishNight(registry, work, 1);

    await pullNight(registry.url, newFolder('feed'), 1);
  });

  it('does not put a feed in the place of something else', async () => {
    const { registry, work } = await firstNight();
    const image = Buffer.from('{"schemaVersion":2,"config":{},"layers":[]}');
    registry.manifests.set('latest', image);

    const error = await failure(publishNight(registry, work, 1));

    expect(error).toMatchObject({ code: 'TRUST_NOT_METADATA', where: registry.url });
    expect(registry.manifests.get('latest')).toBe(image);
  });

  it.each([
    ['oci://127.0.0.1:5000/feeds/debian:a:b', /lower case/],
    [`oci://127.0.0.1:5000/feeds@sha256:${'0'.repeat(64)}`, /a tag/],
  ])('%s is no place to publish', async (to, told) => {
    const error = await failure(publishNight({ url: to } as MemoryRegistry, newFolder('work'), 0));

    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringMatching(told) });
  });
});

describe("a publisher's folder", () => {
  it.each<[name: string, lose: (work: string, early: string) => void]>([
    ['that was lost is made again', (work) => rmSync(work, { recursive: true })],
    [
      'that is a night behind is brought up',
      (work, early) => {
        rmSync(work, { recursive: true });
        cpSync(early, work, { recursive: true });
      },
    ],
  ])('%s: the next night is a delta, and versions go on', async (_, lose) => {
    const { registry, work, out } = await firstNight();
    const early = newFolder('early');
    cpSync(work, early, { recursive: true });
    await publishNight(registry, work, 1);
    const whole = newFolder('whole');
    cpSync(work, whole, { recursive: true });
    lose(work, early);

    await publishNight(registry, work, 2);

    // From the night before and from the one before that; as if nothing had been lost.
    const { platforms } = await pullNight(registry.url, out, 2);
    expect(platforms.map(({ how }) => how)).toEqual(['delta', 'unchanged']);
    await publishOci({
      ...publishDefaults(daysLater(2)),
      feeds: [nights[2]!],
      to: (await openRegistry()).url,
      store: publisher.store,
      work: whole,
      http,
    });
    const signed = (folder: string) => readFileSync(join(folder, 'metadata/3.debian-12.json'), 'utf8');
    expect(signed(work)).toBe(signed(whole));
  });

  it('is made again though what was published has expired', async () => {
    const { registry, work } = await firstNight();
    rmSync(work, { recursive: true });

    await publishNight(registry, work, 1, { ...publishDefaults(daysLater(100)), feeds: [nights[1]!] });

    expect((await pullNight(registry.url, newFolder('feed'), 100)).platforms).toHaveLength(2);
  });

  it('is not made again of what other keys signed', async () => {
    const { registry } = await firstNight();
    const { store } = await makePublisher();

    const error = await failure(publishNight(registry, newFolder('work'), 1, { store }));

    expect(error).toMatchObject({
      code: 'TRUST_UNSIGNED',
      exitCode: 3,
      remedy: expect.stringContaining('--keys'),
    });
  });

  it('is not made again without keys', async () => {
    const { registry } = await firstNight();

    const error = await failure(
      publishNight(registry, newFolder('work'), 1, { store: openKeyStore(temporaryFolder()) }),
    );

    expect(error).toMatchObject({ code: 'KEY_MISSING', exitCode: 2 });
  });

  it.each<[name: string, place: (registry: MemoryRegistry) => string, code: string]>([
    ['target', (registry) => layerEnding(registry, 'debian-12', '.debian-12.jsonl.br'), 'TRUST_SWAPPED'],
    ['state', (registry) => layerEnding(registry, 'feed', '.state.json.gz'), 'TRUST_SWAPPED'],
    ['timestamp', timestamp, 'TRUST_SWAPPED'],
  ])('is not made again of a changed %s', async (_, place, code) => {
    const { registry } = await firstNight();
    registry.lie(spoiled(place, turned)(registry));

    const error = await failure(publishNight(registry, newFolder('work'), 1));

    expect(error).toMatchObject({ code, where: expect.stringContaining(registry.host) });
  });

  it('goes on in a registry that was emptied', async () => {
    const { registry, work, out } = await firstNight();
    registry.blobs.clear();
    registry.manifests.clear();

    await publishNight(registry, work, 1);

    expect((await pullNight(registry.url, out, 1)).platforms[0]).toMatchObject({ how: 'delta' });
  });
});

describe('--keep', () => {
  const indexes = ({ manifests }: MemoryRegistry) =>
    [...manifests].filter(([key, bytes]) => key !== 'latest' && bytes.includes('"manifests"')).length;

  it('removes older publications, and nothing that a newer one names', async () => {
    const { registry, work } = await firstNight();
    for (const night of [1, 2]) await publishNight(registry, work, night, { keep: 2 });

    const { pushed } = await publishNight(registry, work, 2, { keep: 2, date: daysLater(3) });

    expect(pushed).toMatchObject({ removed: 1, left: 0 });
    expect(indexes(registry)).toBe(2);
    await pullNight(registry.url, newFolder('feed'), 2);
  });

  it.each(['that was lost', 'in step'])('knows what to remove with a folder %s', async (folder) => {
    const { registry, work } = await firstNight();
    for (const night of [1, 2]) {
      if (folder === 'that was lost') rmSync(work, { recursive: true });
      await publishNight(registry, work, night, { keep: 1 });
    }

    expect(indexes(registry)).toBe(2);
  });

  it('never removes what somebody else wrote into the index', async () => {
    const { registry, work } = await firstNight();
    const theirs = Buffer.from('{"layers":[]}');
    const digest = digestOf(theirs);
    registry.manifests.set(digest, theirs);
    const entry = { digest, size: theirs.length, annotations: { 'vnd.scapfeed.platform': 'debian-99' } };
    const index = JSON.parse(registry.manifests.get('latest')!.toString()) as { manifests: object[] };
    index.manifests.push(entry);
    registry.manifests.set('latest', Buffer.from(JSON.stringify(index)));

    for (const night of [1, 2]) await publishNight(registry, work, night, { keep: 1 });
    await publishNight(registry, work, 2, { keep: 1, date: daysLater(3) });

    expect(registry.manifests.has(digest)).toBe(true);
  });

  it('tells what the registry does not let go, and removes it when it does', async () => {
    const { registry, work } = await firstNight({ deletes: false });
    for (const night of [1, 2]) await publishNight(registry, work, night, { keep: 1 });

    const refused = await publishNight(registry, work, 2, { keep: 1, date: daysLater(3) });

    expect(refused.pushed).toMatchObject({ removed: 0, left: 2 });
    expect(indexes(registry)).toBe(4);
    registry.lie((request, response) => request.method === 'DELETE' && status(202)(request, response));
    const allowed = await publishNight(registry, work, 2, { keep: 1, date: daysLater(4) });
    expect(allowed.pushed).toMatchObject({ removed: 3, left: 0 });
  });
});

describe('how a registry is spoken to', () => {
  it.each<[place: string, base: string, access?: RegistryAccess]>([
    ['oci://registry.example/feeds/debian', 'https://registry.example/v2/feeds/debian'],
    ['oci://registry.example:5000/x:1', 'https://registry.example:5000/v2/x'],
    ['oci://feeds/debian', 'https://registry-1.docker.io/v2/feeds/debian'],
    ['oci://127.0.0.1:1/x', 'http://127.0.0.1:1/v2/x'],
    ['oci://127.8.9.1:1/x', 'http://127.8.9.1:1/v2/x'],
    ['oci://127.0.0.1x:1/x', 'https://127.0.0.1x:1/v2/x'],
    ['oci://localhost:1/x', 'http://localhost:1/v2/x'],
    ['oci://[::1]:1/x', 'http://[::1]:1/v2/x'],
    ['oci://127.0.0.1.example/x', 'https://127.0.0.1.example/v2/x'],
    ['oci://r.example:5000/x', 'http://r.example:5000/v2/x', { insecure: ['r.example:5000'] }],
    ['oci://r.example/x', 'https://r.example/v2/x', { insecure: ['r.example:5000'] }],
    ['oci://127.0.0.1:5000/x', 'https://127.0.0.1:5000/v2/x', { http: { ca: certificate } }],
  ])('%s: %s', async (place, base, access = {}) => {
    const repository = await openFeedRepository(place, access, 'pull');
    onTestFinished(() => repository.close());

    expect(repository.client.base).toBe(base);
  });

  it('by https with an authority of its own', async () => {
    const registry = await openRegistry({ content: start.first, tls: true });
    const trusting = { http: { ...http, ca: certificate } };
    const out = newFolder('feed');

    const error = await failure(pullNight(registry.url, out, 0, { http: { ...http, ca: testCertificate } }));
    expect(error).toMatchObject({
      code: 'FETCH_REFUSED',
      remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });

    await publishNight(registry, newFolder('work'), 1, trusting);
    expect((await pullNight(registry.url, out, 1, trusting)).platforms).toHaveLength(2);
  });
});

describe('a registry that asks for a login', () => {
  /** Gives tokens for what is asked for to one user, and lets nobody do more than the token says. */
  function tokenServer({ host }: MemoryRegistry, scopes: string[][]): Lie {
    const login = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    return (request, response) => {
      const { method = '', url = '', headers } = request;
      if (url.startsWith('/token')) {
        const asked = new URL(url, 'http://registry').searchParams.getAll('scope');
        scopes.push(asked);
        const token = asked.map((scope) => scope.split(':').at(-1)).join();
        return (headers.authorization === login ? body(`{"token":"${token}"}`) : status(401))(
          request,
          response,
        );
      }
      const action = { GET: 'pull', HEAD: 'pull', DELETE: 'delete' }[method] ?? 'push';
      if (headers.authorization?.slice('Bearer '.length).split(',').includes(action)) return false;
      const challenge = `Bearer realm="http://${host}/token",service="x",scope="repository:feeds/debian:${action}"`;
      return status(401, { 'www-authenticate': challenge })(request, response);
    };
  }

  it('gives a token to read to a client, and one to write, then to delete, to a publisher', async () => {
    const registry = await openRegistry();
    const scopes: string[][] = [];
    registry.lie(tokenServer(registry, scopes));
    const folder = temporaryFolder();
    const auth = Buffer.from('me:secret').toString('base64');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const known = { http: { ...http, env: { ...env, DOCKER_CONFIG: folder } }, keep: 1 };
    const work = newFolder('work');
    const out = newFolder('feed');

    await publishNight(registry, work, 0, known);
    await pullNight(registry.url, out, 0, known);

    const [read, write, remove] = ['pull', 'pull,push', 'delete'].map(
      (may) => `repository:feeds/debian:${may}`,
    );
    expect(scopes).toEqual([[write], [read]]);
    await publishNight(registry, work, 1, known);
    expect((await publishNight(registry, work, 2, known)).pushed).toMatchObject({ removed: 1, left: 0 });
    expect(scopes.slice(2)).toEqual([[write], [write], [write, remove]]);
    const strangers = [
      [() => publishNight(registry, work, 2), /docker login 127.*push/],
      [() => pullNight(registry.url, out, 2), /docker login 127.*pull/],
    ] as const;
    for (const [task, remedy] of strangers) {
      expect(await failure(task())).toMatchObject({
        code: 'FETCH_REFUSED',
        remedy: expect.stringMatching(remedy),
      });
    }
  });
});
