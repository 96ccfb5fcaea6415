import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FeedPublishOptions } from '../../src/publish/publish.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { daysLater, makePublisher, type Publisher, writeNight } from './support/publisher.ts';

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

function night(feed: string, options: Partial<FeedPublishOptions> = {}) {
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

  it('a state that somebody else wrote into the folder is not signed anew', async () => {
    const site = copy();
    const path = join(site, 'state/1.json');
    const honest = readFileSync(path);
    const state = JSON.parse(honest.toString());
    // debian-12 as the attacker would have it: the files of debian-13, under its name.
    const { parts } = state.feeds[0];
    parts['debian-12'] = parts['debian-13'];
    writeFileSync(path, JSON.stringify(state));
    const lost = writeNight(
      300,
      {},
      Array.from({ length: 40 }, (_, at) => `package-00${10 + at}`),
    );
    const { report } = await night(lost, { to: site });
    expect(Object.keys(report.held)).toEqual(['debian-12']);
    const next = JSON.parse(readFileSync(join(site, 'state/2.json'), 'utf8'));
    expect(next.feeds[1].parts).toEqual(JSON.parse(honest.toString()).feeds[0].parts);
    expect(Object.keys(next.feeds[0].parts['debian-12'].targets)).toContain('debian-12/manifest.json.br');
  });

  it('a folder whose metadata somebody else changed is refused', async () => {
    const site = copy();
    const path = join(site, 'metadata/timestamp.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":7'));
    await expect(night(writeNight(300), { to: site })).rejects.toMatchObject({
      code: 'TRUST_SIGNATURE_WRONG',
      where: expect.stringContaining('timestamp.json'),
      remedy: expect.stringContaining('see who may write there'),
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

  it.each([
    ['without a root', { rootChain: () => [] }],
    ['without keys', { keys: () => [] }],
  ])('nothing is written %s', async (_, without) => {
    const to = join(temporaryFolder(), 'site');
    const store = { ...publisher.store, ...without };
    await expect(publisher.publish([writeNight(300)], { to, store })).rejects.toMatchObject({
      code: 'KEY_MISSING',
    });
    expect(existsSync(to)).toBe(false);
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
