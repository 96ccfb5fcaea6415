import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/index.ts';
import { writeBundle } from '../../src/publish/bundle/write-bundle.ts';
import type { GateName } from '../../src/publish/gates/gates.ts';
import type { PublishOptions } from '../../src/publish/publish.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { temporaryFolder } from '../support/small-feed.ts';
import {
  daysLater,
  makePublisher,
  type Night,
  type Publisher,
  pullInto,
  writeNight,
} from './support/publisher.ts';

const name = (at: number) => `package-${String(at).padStart(4, '0')}`;
const many = (count: number): Night =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), '9.0-1']));
const names = (count: number) => Array.from({ length: count }, (_, at) => name(at));

let publisher: Publisher;
let published: string;

beforeAll(async () => {
  publisher = await makePublisher();
  await publisher.publish([writeNight(300)]);
  published = publisher.site;
});

function copy(): string {
  const site = join(temporaryFolder(), 'site');
  cpSync(published, site, { recursive: true });
  return site;
}

function night(feed: string, options: Partial<PublishOptions> = {}) {
  return publisher.publish([feed], { date: daysLater(1), ...options });
}

async function pulledManifest(site: string, now = daysLater(1)): Promise<Manifest> {
  const out = join(temporaryFolder(), 'feed');
  await pullInto(out, site, { pinned: publisher.root, platforms: ['debian-12'], now });
  await checkFeed(out);
  return JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
}

describe('gates before publish', () => {
  it.each<[GateName, string, () => string, Partial<PublishOptions>, RegExp]>([
    [
      'shrink',
      'a vendor lost a tenth of its statements',
      () => writeNight(300, {}, names(30)),
      {},
      /10\.0 % of the statements/,
    ],
    [
      'flip',
      'a tenth of the statements turned to fixed at once',
      () => writeNight(300, many(60)),
      {},
      /60 of 600 statements/,
    ],
    [
      'vanished-year',
      'a third of the newest year is gone',
      () => writeNight(300, {}, names(100)),
      {},
      /of the year 2026 300/,
    ],
    [
      'sentinel',
      'a row that must hold does not',
      () => writeNight(300, { [name(7)]: '2.0-1' }),
      {
        sentinels: [
          { platform: 'debian-12', package: name(7), vulnerability: 'CVE-2026-1007', status: 'affected' },
        ],
      },
      /expected affected, found fixed 2\.0-1/,
    ],
    [
      'validity',
      'a line breaks the schema',
      () => writeNight(300, { [name(7)]: '2.0-1' }),
      { validate: async () => new Map([['debian-12', ['breaks schemas/shard-line.schema.json']]]) },
      /breaks schemas/,
    ],
  ])('%s: %s; the platform stays as it was, marked with its age', async (gate, _, feed, options, message) => {
    const site = copy();
    const { report } = await night(feed(), { to: site, ...options });
    const found = report.held['debian-12']!.filter((finding) => finding.gate === gate);
    expect(found[0]!.message).toMatch(message);
    expect(report.held['debian-13']).toBeUndefined();
    const manifest = await pulledManifest(site);
    expect(manifest.platforms[0]).toMatchObject({ statements: 600, marks: ['held_back_since_2026-11-22'] });
    expect(readFileSync(join(site, 'changes.html'), 'utf8')).toContain(`held back by gate ${gate}`);
  });

  it('missing: a source that failed leaves its last good statements', async () => {
    const site = copy();
    const feed = writeNight(300, { [name(1)]: '2.0-1' });
    const manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as Manifest;
    manifest.platforms = manifest.platforms.filter(({ id }) => id !== 'debian-12');
    writeFileSync(join(feed, 'manifest.json'), JSON.stringify(manifest));
    const { report } = await night(feed, { to: site });
    expect(report.held['debian-12']![0]).toMatchObject({ gate: 'missing' });
    expect((await pulledManifest(site)).platforms[0]!.marks).toEqual(['held_back_since_2026-11-22']);
  });

  it('the mark keeps the first day, and goes with the next good night', async () => {
    const site = copy();
    await night(writeNight(300, {}, names(30)), { to: site });
    await night(writeNight(300, {}, names(30)), { to: site, date: daysLater(2) });
    expect((await pulledManifest(site, daysLater(2))).platforms[0]!.marks).toEqual([
      'held_back_since_2026-11-22',
    ]);
    await night(writeNight(300), { to: site, date: daysLater(3) });
    expect((await pulledManifest(site, daysLater(3))).platforms[0]!.marks).toBeUndefined();
  });

  it('--accept lets a gate pass, and the manifest says why', async () => {
    const site = copy();
    const accepted = [{ gate: 'shrink' as const, reason: 'the vendor withdrew them, DSA-9999-1' }];
    const { report } = await night(writeNight(300, {}, names(30)), { to: site, accepted });
    expect(report.held).toEqual({});
    const manifest = await pulledManifest(site);
    expect(manifest.accepted).toContainEqual(
      expect.objectContaining({
        gate: 'shrink',
        platform: 'debian-12',
        reason: 'the vendor withdrew them, DSA-9999-1',
      }),
    );
    expect(manifest.platforms[0]!.statements).toBe(540);
  });

  it('a broken feed cannot be accepted', async () => {
    const accepted = [{ gate: 'validity' as const, reason: 'never mind' }];
    const validate = async () => new Map([['debian-12', ['broken']]]);
    const { report } = await night(writeNight(300), { to: copy(), accepted, validate });
    expect(report.held['debian-12']).toHaveLength(1);
  });

  it('late-input: an input that keeps no longer to its rhythm', async () => {
    const site = copy();
    const dated = (day: string) => {
      const feed = writeNight(300);
      const manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as Manifest;
      manifest.inputs[0]!.fetched = day;
      writeFileSync(join(feed, 'manifest.json'), JSON.stringify(manifest));
      return feed;
    };
    await night(dated('2026-11-21T00:00:00Z'), { to: site });
    await night(dated('2026-11-22T00:00:00Z'), { to: site, date: daysLater(2) });
    const { report } = await night(dated('2026-11-22T00:00:00Z'), { to: site, date: daysLater(7) });
    expect(report.held['debian-12']![0]).toMatchObject({
      gate: 'late-input',
      message: expect.stringMatching(/6\.0 days old; by its rhythm 3\.0 days/),
    });
  });
});

describe('publish', () => {
  it('the same feed and date give the same targets and signatures, in whatever folder', async () => {
    const feed = writeNight(300);
    const [a, b] = [join(temporaryFolder(), 'a'), join(temporaryFolder(), 'b')];
    for (const to of [a, b]) await night(feed, { to });
    const files = (site: string) => readdirSync(site, { recursive: true, encoding: 'utf8' }).sort();
    expect(files(a)).toEqual(files(b));
    for (const file of files(a).filter((path) => /\.(json|br|gz|html)$/.test(path))) {
      expect(readFileSync(join(a, file)), file).toEqual(readFileSync(join(b, file)));
    }
  });

  it('two feeds that both have a platform are refused', async () => {
    await expect(
      publisher.publish([writeNight(10), writeNight(10)], { to: join(temporaryFolder(), 's') }),
    ).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('debian-12') });
  });

  it('a folder of another publisher is refused', async () => {
    const other = await makePublisher();
    await expect(other.publish([writeNight(300)], { to: copy() })).rejects.toMatchObject({
      code: 'TRUST_SIGNATURE_WRONG',
    });
  });

  it('a key that the root does not name cannot sign', async () => {
    const other = await makePublisher();
    const { store } = publisher;
    const mixed = { ...store, keys: () => other.store.keys() };
    await expect(publisher.publish([writeNight(300)], { to: copy(), store: mixed })).rejects.toMatchObject({
      code: 'KEY_MISSING',
    });
  });

  it('unchanged platforms are not signed again until half of their life is over', async () => {
    const site = copy();
    const feed = writeNight(300);
    await night(feed, { to: site });
    expect(existsSync(join(site, 'metadata/2.debian-12.json'))).toBe(false);
    await night(feed, { to: site, date: daysLater(60) });
    expect(existsSync(join(site, 'metadata/2.debian-12.json'))).toBe(true);
  });
});

describe('bundle', () => {
  it('one file carries one platform over the gap, with the same checks', async () => {
    const file = join(temporaryFolder(), 'feed.bundle');
    expect(writeBundle({ from: published, file, platforms: ['debian-12'], oval: true }).platforms).toEqual([
      'debian-12',
    ]);
    const out = join(temporaryFolder(), 'feed');
    const outcome = await pullInto(out, file, { pinned: publisher.root });
    expect(outcome.platforms.map(({ id }) => id)).toEqual(['debian-12']);
    await checkFeed(out);
  });

  it('its age is the receiver’s decision', async () => {
    const file = join(temporaryFolder(), 'feed.bundle');
    writeBundle({ from: published, file, oval: true });
    const out = join(temporaryFolder(), 'feed');
    const late = { pinned: publisher.root, now: daysLater(20) };
    await expect(pullInto(out, file, late)).rejects.toMatchObject({ code: 'TRUST_EXPIRED' });
    await expect(pullInto(out, file, { ...late, maxAge: 10 * 86_400_000 })).rejects.toMatchObject({
      code: 'FEED_STALE',
    });
    await pullInto(out, file, { ...late, maxAge: 30 * 86_400_000 });
    await checkFeed(out);
  });

  it.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, 5000), 'TRUST_TRUNCATED'],
    ['no bundle at all', () => Buffer.alloc(2048, 0x41), 'TRUST_NOT_METADATA'],
    [
      'changed on the way',
      (bytes: Buffer) => {
        const changed = Buffer.from(bytes);
        const header = changed.indexOf('.debian-12.jsonl.br') & ~511;
        changed[header + 512 + 20]! ^= 1;
        return changed;
      },
      'TRUST_SWAPPED',
    ],
  ])('%s is refused', async (_, change, code) => {
    const folder = temporaryFolder();
    writeBundle({ from: published, file: join(folder, 'good'), platforms: ['debian-12'], oval: true });
    writeFileSync(join(folder, 'bad'), change(readFileSync(join(folder, 'good'))));
    await expect(
      pullInto(join(folder, 'feed'), join(folder, 'bad'), { pinned: publisher.root }),
    ).rejects.toMatchObject({ code, exitCode: 3 });
  });
});
