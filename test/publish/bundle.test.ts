import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type BundleOptions, writeBundle } from '../../src/publish/bundle/write-bundle.ts';
import { targetPath } from '../../src/published/names.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { temporaryFolder } from '../support/temporary.ts';
import {
  daysLater,
  makePublisher,
  type Publisher,
  pullInto,
  resign,
  serve,
  writeNight,
} from './support/publisher.ts';
import { copyOf, copyPublisher, metadata, roleFile, signChain } from './support/two-nights.ts';

let publisher: Publisher;
let published: string;

beforeAll(async () => {
  publisher = await makePublisher();
  await publisher.publish([writeNight(300)]);
  published = publisher.site;
});

function pack(options: Partial<BundleOptions> = {}) {
  const file = join(temporaryFolder(), 'feed.bundle');
  const http = { env: {}, limits: { retries: 1, firstDelay: 1, idle: 500, headers: 500 } };
  return writeBundle({
    from: published,
    file,
    oval: true,
    content: true,
    http,
    progress: () => {},
    ...options,
  });
}

describe('bundle', () => {
  it('one file carries one platform over the gap, with the same checks', async () => {
    const { file, platforms } = await pack({ platforms: ['debian-12'] });
    expect(platforms).toEqual(['debian-12']);
    const out = join(temporaryFolder(), 'feed');
    const outcome = await pullInto(out, file, { pinned: publisher.root });
    expect(outcome.platforms.map(({ id }) => id)).toEqual(['debian-12']);
    await checkFeed(out);
  });

  it('the next night’s brings the whole files to those who pulled the last one', async () => {
    const own = await makePublisher();
    const out = join(temporaryFolder(), 'feed');
    const carried = async (date: Date, feed: string) => {
      await own.publish([feed], { date });
      const { file } = await pack({ from: own.site });
      const { platforms } = await pullInto(out, file, { pinned: own.root, now: date });
      await checkFeed(out);
      return platforms.map(({ id, how }) => `${id} ${how}`);
    };
    await carried(daysLater(0), writeNight(300));

    const changed = { 'package-0007': '2.0-1', 'package-0299': '2.0-1' };
    expect(await carried(daysLater(1), writeNight(300, changed))).toEqual([
      'debian-12 whole',
      'debian-13 whole',
    ]);
    expect(await carried(daysLater(2), writeNight(300, changed))).toEqual([
      'debian-12 unchanged',
      'debian-13 unchanged',
    ]);
  }, 60_000);

  it('its age is the receiver’s decision', async () => {
    const { file, expires } = await pack();
    expect(expires).toBe('2026-11-24T00:00:00Z');
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
    const { file } = await pack({ platforms: ['debian-12'] });
    writeFileSync(join(folder, 'bad'), change(readFileSync(file)));
    await expect(
      pullInto(join(folder, 'feed'), join(folder, 'bad'), { pinned: publisher.root }),
    ).rejects.toMatchObject({ code, exitCode: 3 });
  });

  it('globs name platforms as they do for pull', async () => {
    expect((await pack({ platforms: ['debian-*'] })).platforms).toEqual(['debian-12', 'debian-13']);
    await expect(pack({ platforms: ['rhel-*'] })).rejects.toMatchObject({
      code: 'PLATFORM_NOT_COVERED',
      remedy: 'available platforms: debian-12, debian-13',
    });
  });

  it('from a server, a folder and a bundle: the same bytes', async () => {
    const server = await serve(published);
    onTestFinished(() => server.close());
    const fromFolder = await pack();
    const bytes = readFileSync(fromFolder.file);
    expect(readFileSync((await pack({ from: server.url })).file)).toEqual(bytes);
    expect(readFileSync((await pack({ from: fromFolder.file })).file)).toEqual(bytes);
  });

  it('an expired feed can still be carried', async () => {
    const site = copyOf(published);
    await publisher.publish([writeNight(300)], { to: site, date: daysLater(-300) });
    expect((await pack({ from: site })).expires).toBe('2026-01-28T00:00:00Z');
  });
});

describe('a folder that somebody else wrote into', () => {
  const secret = join(temporaryFolder(), 'config.json');
  writeFileSync(secret, '{"auths": {"registry.example": {"auth": "c2VjcmV0"}}}');

  it.each<[what: string, spoil: (path: string) => void, code: string]>([
    ['a link', (path) => symlinkSync(secret, path), 'TRUST_SWAPPED'],
    ['a pipe', (path) => execFileSync('mkfifo', [path]), 'FETCH_NOT_FOUND'],
    ['other bytes', (path) => writeFileSync(path, 'something else'), 'TRUST_SWAPPED'],
    ['bytes without an end', (path) => symlinkSync('/dev/zero', path), 'FETCH_NOT_FOUND'],
  ])('%s in the place of a target: nothing is packed', async (_, spoil, code) => {
    const site = copyOf(published);
    const target = join(site, shardTarget(site));
    rmSync(target);
    spoil(target);
    await nothingPacked(site, code);
  });

  it('a signed digest that is a path brings no file from elsewhere', async () => {
    const { site, store } = copyPublisher(publisher, published);
    const up = `${'../'.repeat(20)}${secret.replace(/\.json$/, '').slice(1)}`;
    expect(readFileSync(join(site, targetPath('debian-12/json', up)))).toEqual(readFileSync(secret));
    const role = resign(metadata(site, roleFile(site, 'debian-12')), store, (part) => {
      part['targets'] = { 'debian-12/json': { length: 53, hashes: { sha256: up } } };
    });
    await signChain(site, store, { 'debian-12': role });
    await nothingPacked(site, 'TRUST_FOREIGN_CONTENT');
  });

  async function nothingPacked(site: string, code: string): Promise<void> {
    const file = join(temporaryFolder(), 'feed.bundle');
    await expect(pack({ from: site, file })).rejects.toMatchObject({ code, exitCode: 3 });
    expect(readdirSync(dirname(file))).toEqual([]);
  }

  it('what no metadata names is left out', async () => {
    const site = copyOf(published);
    cpSync(secret, join(site, 'targets/debian-12/index/config.json'));
    cpSync(secret, join(site, 'metadata/9.config.json'));
    expect(readFileSync((await pack({ from: site })).file)).toEqual(readFileSync((await pack()).file));
  });
});

function shardTarget(site: string): string {
  const { signed } = JSON.parse(metadata(site, roleFile(site, 'debian-12')));
  const name = 'debian-12/index/debian-12.jsonl.br';
  return targetPath(name, signed.targets[name].hashes.sha256);
}
