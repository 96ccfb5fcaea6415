import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeBundle } from '../../src/publish/bundle/write-bundle.ts';
import type { PublishOptions } from '../../src/publish/publish.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { temporaryFolder } from '../support/small-feed.ts';
import { daysLater, makePublisher, type Publisher, pullInto, writeNight } from './support/publisher.ts';

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
