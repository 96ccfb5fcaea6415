import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PrivateCache } from '../../src/io/private-cache.ts';
import type { Image, Inventory } from '../../src/model/inventory/index.ts';
import { publishOci } from '../../src/publish/oci/publish-oci.ts';
import { explainIn, packagesWith } from '../../src/tasks/explain/run.ts';
import { type ChosenFeed, completely, openFeedAt } from '../../src/tasks/feed.ts';
import { openFeedOver } from '../../src/tasks/remote-feed.ts';
import {
  daysLater,
  makePublisher,
  type Publisher,
  publishDefaults,
  pullInto,
  serve,
} from '../publish/support/publisher.ts';
import { startMemoryRegistry } from '../publish/support/registry.ts';
import { bookworm, deb, trixie, writeSmallFeed } from '../support/small-feed.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

const http = { env: { HOME: noHome() }, limits: { retries: 1, firstDelay: 1, longestDelay: 50 } };
const now = daysLater(0);
const image = { reference: 'dir:image' } as Image;
const inventory = {
  os: { id: 'debian', versionId: '12', codename: 'bookworm', found: 'etc/os-release' },
  databases: [{ kind: 'dpkg', path: 'var/lib/dpkg/status', packages: 1 }],
  packages: [deb('installed', '0.9-1')],
  notes: [],
} as unknown as Inventory;

/** Flaws of one package that a shard has as a list, of which a statement has the key. */
const listed = Array.from({ length: 400 }, (_, at) => `CVE-2024-${20_000 + at}`);

const ids: [what: string, id: string, packages: object][] = [
  ['of an installed package', 'CVE-2026-1000', { known: true }],
  ['of another package', 'CVE-2026-1001', { known: true }],
  ['of another release', 'CVE-2026-2000', { known: true }],
  ['in a list', listed[7]!, { known: true }],
  ['that no statement names', 'CVE-2020-12345', { known: false }],
  ['with the name of a package', 'CVE-2019-99999', { known: false }],
  ['an advisory of another release', 'DSA-2000-1', { known: true }],
  ['an advisory without details', 'DSA-3000-1', { code: 'USAGE' }],
  ['an advisory of another package', 'DSA-1001-1', { code: 'USAGE' }],
  ['the name of a package', 'other', { code: 'USAGE' }],
  ['no id', 'nothing', { code: 'USAGE' }],
];

let publisher: Publisher;
let feed: string;

beforeAll(async () => {
  publisher = await makePublisher();
  feed = smallFeed();
  expect(readFileSync(join(feed, 'index/debian-13.jsonl'), 'utf8')).toContain('{"list":');
}, 120_000);

describe.each([
  ['a server with a search file', { page: true, registry: false }],
  ['a server without one', { page: false, registry: false }],
  ['a registry', { page: false, registry: true }],
  ['a registry that lost its blocks', { page: false, registry: true, lost: true }],
])('a flaw is explained by %s as by the pulled feed', (_, place) => {
  let answers: [remote: unknown[], pulled: unknown[]];
  let requests: readonly string[];
  beforeAll(async () => {
    const { url, close, asked } = await published(place);
    try {
      const home = temporaryFolder();
      const open = () =>
        openFeedOver({
          from: url,
          chosen: 'option',
          folder: join(home, 'trust'),
          cache: new PrivateCache(join(home, 'blocks'), { files: 1000, bytes: 2 ** 28 }),
          now,
          access: { http },
          progress: () => {},
          pinned: publisher.root,
        });
      const out = join(temporaryFolder(), 'feed');
      await pullInto(out, url, { pinned: publisher.root, now, http });
      asked.splice(0);
      answers = [[], []];
      for (const [, id] of ids) answers[0].push(await explained(await open(), id));
      requests = [...asked];
      for (const [, id] of ids) answers[1].push(await explained(openFeedAt(out, 'option'), id));
    } finally {
      await close();
    }
  }, 120_000);

  it.each(ids.map(([what], at) => [what, at] as const))('%s', (_, at) => {
    expect(answers[0][at]).toEqual(answers[1][at]);
    expect(JSON.stringify(answers[0][at])).not.toContain('FEED_');
    expect(answers[1][at]).toMatchObject({ packages: ids[at]![2] });
  });

  it('by the search file where there is one', () => {
    const searched = requests.filter((path) => path.includes('search.json'));
    expect(searched).toHaveLength(place.page ? 1 : 0);
  });
});

/** The packages with it, and what is said of it in one, or why not. */
async function explained(opened: ChosenFeed, id: string): Promise<unknown> {
  const how = { now };
  const outcome = async (work: (whole: ChosenFeed) => unknown) => {
    try {
      return await completely(opened, work);
    } catch (error) {
      const { code, message, remedy } = error as Record<string, unknown>;
      return { code, message, remedy };
    }
  };
  try {
    const packages = await outcome((whole) => packagesWith(id, image, inventory, whole, how));
    const question = { vulnerability: id, name: 'installed' };
    const inOne = await outcome((whole) => explainIn(image, inventory, whole, undefined, how, question));
    return {
      packages: { ...(packages as object), feed: undefined },
      inOne: { ...(inOne as object), feed: undefined },
    };
  } finally {
    opened.close();
  }
}

/** The feed at an address, and what is asked of it. */
async function published({ page, registry, lost }: { page: boolean; registry: boolean; lost?: boolean }) {
  if (!registry) {
    await publisher.publish([feed], { blocks: true, page });
    const server = await serve(publisher.site);
    return { url: server.url, asked: server.requests, close: server.close };
  }
  const memory = await startMemoryRegistry();
  const { store } = publisher;
  const work = join(temporaryFolder(), 'work');
  const options = { ...publishDefaults(now), feeds: [feed], to: memory.url, store, work, http, blocks: true };
  await publishOci(options);
  const blocks = readdirSync(join(work, 'blocks'), { recursive: true, encoding: 'utf8' });
  const digests = blocks
    .filter((path) => path.endsWith('.gz'))
    .map((path) => `sha256:${basename(path, '.gz')}`);
  expect(digests.every((digest) => memory.blobs.has(digest))).toBe(true);
  if (lost) for (const digest of digests) memory.blobs.delete(digest);
  return { url: memory.url, asked: memory.requests, close: async () => memory.close() };
}

/** Two releases, of which the second has flaws, an advisory and a list of its own. */
function smallFeed(): string {
  const fixed = (name: string, at: number, advisory = `DSA-${at}-1`) => ({
    package: name,
    vulnerability: `CVE-2026-${at}`,
    status: 'fixed' as const,
    fixed: '1.0-1',
    advisories: [advisory],
  });
  const shared = listed.flatMap((vulnerability) =>
    ['big', 'large'].map((name) => ({
      package: name,
      vulnerability,
      status: 'affected' as const,
      fixState: 'none_yet' as const,
    })),
  );
  const named = { ...fixed('CVE-2019-99999', 2002), advisories: [] };
  return writeSmallFeed([
    { platform: bookworm, statements: [fixed('installed', 1000), fixed('other', 1001)] },
    {
      platform: trixie,
      statements: [fixed('far', 2000), fixed('farther', 2001, 'DSA-3000-1'), named, ...shared],
      advisories: [{ id: 'DSA-2000-1', title: 'far -- security update' }],
    },
  ]);
}
