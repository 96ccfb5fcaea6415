import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PrivateCache } from '../../src/io/private-cache.ts';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { blockGroups } from '../../src/publish/oci/artifact.ts';
import { publishOci } from '../../src/publish/oci/publish-oci.ts';
import { openSite } from '../../src/publish/site/layout.ts';
import { listName } from '../../src/published/block-list.ts';
import { targetPath } from '../../src/published/names.ts';
import { judge } from '../../src/runtime/index.ts';
import { type ChosenFeed, completely, openFeedAt } from '../../src/tasks/feed.ts';
import { openFeedOver } from '../../src/tasks/remote-feed.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';
import { daysLater, makePublisher, type Publisher, publishDefaults, pullInto } from './support/publisher.ts';
import { type MemoryRegistry, startMemoryRegistry } from './support/registry.ts';

const http = { env: { HOME: noHome() }, limits: { retries: 1, firstDelay: 1, longestDelay: 50 } };
const nights = [night('1.0-1'), night('2.0-1')];
let publisher: Publisher;

beforeAll(async () => {
  publisher = await makePublisher();
});

describe('a scan of a feed in a registry', () => {
  it('asks for the blocks that its packages need, by their digests, and once', async () => {
    const { registry, verdicts, open, expected } = await publishedInBlocks();
    expect(await verdicts(await open())).toEqual(expected);
    const cold = registry.requests.splice(0).filter((request) => request.startsWith('GET '));
    expect(cold.filter((request) => blockDigests(registry).has(request.split('/').at(-1)!))).toHaveLength(2);
    expect(cold.length).toBeLessThanOrEqual(12);
    expect(await verdicts(await open())).toEqual(expected);
    expect(registry.requests.length).toBeLessThanOrEqual(2);
  });

  it('reads the whole files of a registry that has no blocks, and says so', async () => {
    const { registry, verdicts, open, expected, told } = await publishedInBlocks();
    for (const digest of blockDigests(registry)) registry.blobs.delete(digest);
    expect(await verdicts(await open())).toEqual(expected);
    expect(told).toContain(`${registry.url} has no blocks of the feed: fetching whole files`);
    // A scan is not to ask for each of them.
    expect(
      registry.requests.filter((request) => blockDigests(registry).has(request.split('/').at(-1)!)).length,
    ).toBeLessThanOrEqual(4);
  });

  it.each<[what: string, lie: (bytes: Buffer) => Buffer, code: string]>([
    ['cuts', (bytes) => bytes.subarray(0, -5), 'TRUST_TRUNCATED'],
    ['changes', (bytes) => Buffer.alloc(bytes.length, 0x41), 'TRUST_SWAPPED'],
    ['lengthens', (bytes) => Buffer.concat([bytes, Buffer.alloc(9000)]), 'FETCH_TOO_LARGE'],
  ])('has no verdict where the registry %s blocks', async (_, lie, code) => {
    const { registry, verdicts, open } = await publishedInBlocks();
    for (const digest of blockDigests(registry)) registry.blobs.set(digest, lie(registry.blobs.get(digest)!));
    await expect(open().then(verdicts)).rejects.toMatchObject({ code });
  });
});

it('a night pushes the blocks that are new, and keeps all that are signed', async () => {
  const registry = await openRegistry();
  const work = newFolder('work');
  await publishNight(registry, work, 0);
  const before = blockDigests(registry);
  registry.requests.splice(0);
  await publishNight(registry, work, 1);
  const pushed = registry.requests
    .filter((request) => request.startsWith('PUT '))
    .map((request) => decodeURIComponent(request));
  const after = blockDigests(registry);
  const fresh = [...after].filter((digest) => !before.has(digest));
  expect(fresh.length).toBeGreaterThan(0);
  expect(fresh.length).toBeLessThan(after.size);
  expect([...after].filter((digest) => pushed.some((request) => request.endsWith(digest)))).toEqual(fresh);
  const asked = registry.requests.filter((request) => request.startsWith('HEAD '));
  expect(asked.filter((request) => before.has(request.split('/').at(-1)!))).toEqual([]);
});

it('a publisher who lost the folder pushes the same blocks', async () => {
  const registry = await openRegistry();
  await publishNight(registry, newFolder('work'), 0);
  const before = blockDigests(registry);
  const { restored } = await publishNight(registry, newFolder('work'), 0);
  expect(restored).toBe(true);
  expect(blockDigests(registry)).toEqual(before);
});

it('no manifest has more than 4,000 blocks, and a block stays in the manifest of its digest', () => {
  const many = groupsOf(9000);
  expect(many.map(({ name }) => name)).toEqual([...'0123456789abcdef'].map((digit) => `blocks_${digit}`));
  expect(many.flatMap(({ blocks }) => blocks)).toHaveLength(9000);
  for (const { name, blocks } of many)
    expect(blocks.every(({ sha256 }) => `blocks_${sha256[0]}` === name)).toBe(true);
  expect(groupsOf(4000).map(({ name }) => name)).toEqual(['blocks_all']);
  expect(Math.max(...groupsOf(70_000).map(({ blocks }) => blocks.length))).toBeLessThanOrEqual(4000);
});

/** Groups of a folder whose list names so many blocks. */
function groupsOf(count: number) {
  const keys = Array.from({ length: count }, (_, at) => String(at).padStart(6, '0'));
  const digests = Buffer.concat(keys.map((key) => createHash('sha256').update(key).digest()));
  const whole = { name: 'x/index/x.jsonl.gz', length: 1, sha256: '0'.repeat(64) };
  const lengths = keys.map(() => 1);
  const file = { path: 'index/x.jsonl', whole, keys, plain: lengths, served: lengths };
  const list = { format: 1, files: [{ ...file, digests: digests.toString('base64') }] };
  const site = openSite(temporaryFolder());
  const path = targetPath(listName('x'), '0'.repeat(64));
  mkdirSync(dirname(join(site.directory, path)), { recursive: true });
  writeFileSync(join(site.directory, path), gzipSync(JSON.stringify(list)));
  return blockGroups(site, [path, 'metadata/1.root.json']);
}

/** Layers of the manifests of blocks that the tag names. */
function blockDigests({ manifests }: MemoryRegistry): Set<string> {
  const read = (reference: string) => JSON.parse(manifests.get(reference)!.toString('utf8'));
  const entries = read('latest').manifests as { artifactType: string; digest: string }[];
  const ofBlocks = entries.filter(
    ({ artifactType }) => artifactType === 'application/vnd.scapfeed.blocks.v1',
  );
  const layers = ofBlocks.flatMap(({ digest }) => read(digest).layers as { digest: string }[]);
  return new Set(layers.map(({ digest }) => digest));
}

/** A night in blocks, and what is said of two packages by whoever pulled it. */
async function publishedInBlocks() {
  const registry = await openRegistry();
  await publishNight(registry, newFolder('work'), 0);
  const home = temporaryFolder();
  const told: string[] = [];
  const open = () =>
    openFeedOver({
      from: registry.url,
      chosen: 'option',
      folder: join(home, 'trust'),
      cache: new PrivateCache(join(home, 'blocks'), { files: 100, bytes: 2 ** 28 }),
      now: daysLater(0),
      access: { http },
      progress: (text) => told.push(text),
      pinned: publisher.root,
    });
  const out = newFolder('feed');
  await pullInto(out, registry.url, { pinned: publisher.root, now: daysLater(0), http });
  registry.requests.splice(0);
  const inventory = {
    os: { id: 'debian', versionId: '12', codename: 'bookworm', found: 'etc/os-release' },
    databases: [{ kind: 'dpkg', path: 'var/lib/dpkg/status', packages: 2 }],
    packages: [deb('package-0003', '1.0-0'), deb('package-2999', '1.0-0')],
    notes: [],
  } as unknown as Inventory;
  const verdicts = async (feed: ChosenFeed) => {
    const { verdicts } = await completely(feed, (whole) => judge(whole, inventory, { now: daysLater(0) }));
    feed.close();
    return verdicts;
  };
  const expected = await verdicts(openFeedAt(out, 'option'));
  expect(expected.length).toBeGreaterThan(0);
  return { registry, verdicts, open, expected, told };
}

const newFolder = (name: string) => join(temporaryFolder(), name);

/** Statements that compress little, so that blocks are worth their requests. */
function night(fixed: string): string {
  const statements = Array.from({ length: 3000 }, (_, at) => {
    const lot = createHash('sha256').update(`${at}`).digest('hex');
    return {
      package: `package-${String(at).padStart(4, '0')}`,
      vulnerability: `CVE-2026-${1000 + at}`,
      status: 'fixed' as const,
      fixed: at === 3 ? fixed : `1.${Number.parseInt(lot.slice(0, 8), 16)}-1`,
      advisories: [`DSA-${Number.parseInt(lot.slice(8, 20), 16)}-1`],
    };
  });
  return writeSmallFeed([{ platform: bookworm, statements }]);
}

async function openRegistry(): Promise<MemoryRegistry> {
  const registry = await startMemoryRegistry();
  onTestFinished(() => registry.close());
  return registry;
}

function publishNight({ url: to }: MemoryRegistry, work: string, night: number) {
  const feeds = [nights[night]!];
  const { store } = publisher;
  return publishOci({ ...publishDefaults(daysLater(night)), feeds, to, store, work, http, blocks: true });
}
