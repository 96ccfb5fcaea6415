import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PrivateCache } from '../../../src/io/private-cache.ts';
import type { FeedPlatform, Manifest, PackageRecord } from '../../../src/model/feed/index.ts';
import type { InstalledPackage, Inventory } from '../../../src/model/inventory/index.ts';
import { isOfEcosystem } from '../../../src/model/inventory/index.ts';
import { type Feed, judge } from '../../../src/runtime/index.ts';
import { openFeed } from '../../../src/runtime/node.ts';
import { openPublished, type WebFeed } from '../../../src/runtime/web/index.ts';
import { type ChosenFeed, completely } from '../../../src/tasks/feed.ts';
import { openFeedOver } from '../../../src/tasks/remote-feed.ts';
import { type HostileServer, makePublisher, serve } from '../../publish/support/publisher.ts';
import { sampleFeed } from '../../support/sample-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { turn } from '../../support/trials.ts';

/** After the newest document of the sample. */
const day = new Date('2026-12-01T00:00:00Z');
const golden = join(import.meta.dirname, '../../feed/golden');

const feeds = {
  'of all sources': sampleFeed(),
  ...Object.fromEntries(
    readdirSync(golden)
      .filter((name) => name.startsWith('feed-'))
      .map((name) => [name, join(golden, name)]),
  ),
};

describe.each(Object.entries(feeds))('verdicts of blocks are those of the whole feed %s, on', (_, feed) => {
  const manifest: Manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'));
  const platforms = manifest.platforms.map(({ id }) => id).sort();
  let server: HostileServer;
  let byBlocks: ChosenFeed;
  let inPage: WebFeed;

  beforeAll(async () => {
    const publisher = await makePublisher(day);

    await publisher.publish([feed], {
      blocks: true,
      acceptedTerms: manifest.sources.map(({ id }) => id),
      // Some documents of the sample are years old.
      accepted: [{ gate: 'frozen', reason: 'a sample' }],
    });
    server = await serve(publisher.site);
    const trust = { pinned: publisher.root, now: day };
    byBlocks = await openFeedOver({
      ...trust,
      ...{ from: server.url, chosen: 'option', folder: join(temporaryFolder(), 'trust') },
      cache: new PrivateCache(join(temporaryFolder(), 'blocks'), { files: 5000, bytes: 2 ** 28 }),
      access: { http: { env: {}, limits: { retries: 1, firstDelay: 1, idle: 5000, headers: 5000 } } },
      progress: () => {},
    });
    inPage = await openPublished(`${server.url}/`, { root: publisher.root, now: day });
    return () => server.close();
  }, 120_000);

  it('all of its platforms', () => {
    expect(byBlocks.manifest.platforms.map(({ id }) => id).sort()).toEqual(platforms);
    expect(inPage.manifest.platforms.map(({ id }) => id).sort()).toEqual(platforms);
  });

  it.each(platforms)('%s', async (platform) => {
    const whole = openFeed(feed);
    let judged = 0;
    for (let trial = 0; trial < 4; trial++) {
      const inventory = inventoryFor(feed, manifest.platforms.find(({ id }) => id === platform)!, trial);
      const how = { ...(!isLanguage(platform) && { platform }), now: day };
      // A platform of the sample may have fixed and unaffected packages only.
      judged += judge(whole, inventory, { ...how, all: true }).verdicts.length;
      // Scores read their vectors when they are written.
      const written = (view: Feed) => JSON.stringify(judge(view, inventory, how));
      expect(await completely(byBlocks, written)).toBe(written(whole));
      expect(JSON.stringify(await inPage.judge(inventory, how))).toBe(written(whole));
    }
    expect(judged).toBeGreaterThan(0);
    whole.close();
  });
});

function isLanguage(platform: string): boolean {
  return isOfEcosystem({ type: platform });
}

/** Up to 40 packages that a platform has statements about, with versions about those of its statements, and some that it has none about. */
function inventoryFor(feed: string, { id: platform, packaging }: FeedPlatform, trial: number): Inventory {
  const records = recordsOf(feed, platform);
  const draw = numbers(turn + trial);
  const own = Array.from({ length: 40 }, () => records[draw(records.length)]!);
  const packages = [...new Set(own)].map((record): InstalledPackage => {
    const known = versionsOf(record);
    const version = `${known[draw(known.length)] ?? '1.0-1'}${['', '.1', '~'][draw(3)]}`;
    return installed(packaging, record.package, trial === 0 ? (packaging === 'rpm' ? '0-0' : '0') : version);
  });
  const others = Array.from({ length: 5 }, (_, at) =>
    installed(packaging, `other-${draw(1000)}-${at}`, '1.0-1'),
  );
  const all = [...packages, ...others];
  return {
    os: null,
    databases: isLanguage(platform) ? [] : [{ kind: 'sbom', path: 'list', packages: all.length }],
    packages: isLanguage(platform) ? [] : all,
    notes: [],
    ...(isLanguage(platform) && { languages: all }),
  };
}

function installed(type: InstalledPackage['type'], name: string, version: string): InstalledPackage {
  return { type, name, version, arch: 'x86_64', source: { name, version }, database: 'list' };
}

function recordsOf(feed: string, platform: string): PackageRecord[] {
  const lines = readFileSync(join(feed, 'index', `${platform}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line)).filter((record) => 'package' in record);
}

function versionsOf({ claims }: PackageRecord): string[] {
  return claims.flatMap((claim) =>
    'fixed' in claim && typeof claim.fixed === 'string' ? [claim.fixed] : [],
  );
}

/** Numbers that follow from a seed: `draw(n)` is below n. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
