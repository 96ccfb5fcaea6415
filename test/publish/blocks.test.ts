import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cutBlocks } from '../../src/publish/blocks/cut.ts';
import { nameDigest, readCatalog, readList } from '../../src/publish/blocks/list.ts';
import { sha256 } from '../../src/publish/feed/lines.ts';
import {
  blockPath,
  catalogName,
  digestOfBlock,
  type FileBlocks,
  listName,
} from '../../src/published/block-list.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { daysLater, makePublisher, pullInto, writeNight } from './support/publisher.ts';

function linesOf(count: number, drop = -1): Buffer {
  const lines: string[] = [];
  for (let at = 0; at < count; at++) {
    if (at === drop) continue;
    const name = `package-${String(at).padStart(6, '0')}`;
    lines.push(`{"package":"${name}","claims":"${'x'.repeat(50 + ((at * 7919) % 400))}"}\n`);
  }
  return Buffer.from(lines.join(''));
}

const textsOf = (content: Buffer, path = 'index/a.jsonl') =>
  cutBlocks(content, path).map(({ start, end }) => content.toString('utf8', start, end));

describe('the cut', () => {
  it('has each line in one block, in order, of 16 to 32 KiB but for the last', () => {
    const content = linesOf(4000);
    const texts = textsOf(content);
    expect(texts.join('')).toBe(content.toString('utf8'));
    expect(texts.length).toBeGreaterThan(20);
    for (const text of texts.slice(0, -1)) {
      expect(text.length).toBeGreaterThanOrEqual(16_384);
      expect(text.length).toBeLessThanOrEqual(32_768);
      expect(text.endsWith('\n')).toBe(true);
    }
  });

  it('changes few blocks where a line is gone', () => {
    const before = new Set(textsOf(linesOf(4000)));
    for (const drop of [0, 1, 777, 2000, 3999]) {
      const changed = textsOf(linesOf(4000, drop)).filter((text) => !before.has(text));
      expect(changed.length).toBeLessThanOrEqual(6);
    }
  });

  it('keeps a line that is longer than a block whole, and cuts nothing out of nothing', () => {
    const long = `{"package":"b","claims":"${'y'.repeat(100_000)}"}\n`;
    const content = Buffer.from(`{"package":"a","claims":""}\n${long}{"package":"c","claims":""}\n`);
    expect(textsOf(content)).toContain(long);
    expect(cutBlocks(Buffer.alloc(0), 'index/a.jsonl')).toEqual([]);
  });
});

describe('a published folder', () => {
  it('has every file of the index as blocks, which its lists name by digest', async () => {
    const { site, publish } = await published();
    await publish([writeNight(600)]);
    const catalog = readCatalog(targetOf(site, catalogName), 'catalog');
    expect(Object.keys(catalog.parts)).toEqual(['debian-12', 'debian-13']);
    const { files } = readList(targetOf(site, listName('debian-12')), 'list');
    expect(files.map(({ path }) => path)).toEqual([
      'index/advisories.jsonl',
      'index/debian-12.jsonl',
      'index/debian-12.roster.txt',
      'index/vulnerabilities.jsonl',
    ]);
    const out = join(temporaryFolder(), 'feed');
    await pullInto(out, site, { pinned: await rootOf(site), platforms: ['debian-12'] });
    for (const file of [...files, ...catalog.files]) {
      const joined = Buffer.concat(file.keys.map((_, at) => blockOf(site, file, at)));
      expect(joined.equals(readFileSync(join(out, file.path)))).toBe(true);
    }
  });

  it('lists the names of a shard, so that absence needs no block', async () => {
    const { site, publish } = await published();
    await publish([writeNight(600)]);
    const { files } = readList(targetOf(site, listName('debian-12')), 'list');
    const { names } = files.find(({ path }) => path === 'index/debian-12.jsonl')!;
    const digests = Buffer.from(names!, 'base64').toString('hex').match(/.{8}/g)!;
    expect(digests).toContain(nameDigest('package-0599').toString('hex'));
    expect(digests).not.toContain(nameDigest('package-0600').toString('hex'));
  });

  it('keeps the names of unchanged blocks, and removes blocks that no kept publication names', async () => {
    const { site, publish } = await published();
    await publish([writeNight(3000, { 'package-0001': '2.0-1' })]);
    const first = blocksOf(site);
    await publish([writeNight(3000, { 'package-0001': '2.0-1', 'package-1500': '2.0-1' })], {
      date: daysLater(1),
    });
    const second = blocksOf(site);
    const added = second.filter((path) => !first.includes(path));
    expect(added.length).toBeGreaterThan(0);
    expect(added.length).toBeLessThan(first.length / 2);
    expect(first.every((path) => second.includes(path))).toBe(true);
    await publish([writeNight(3000, { 'package-0001': '2.0-1', 'package-1500': '2.0-1' })], {
      date: daysLater(2),
      keep: 1,
    });
    expect(blocksOf(site).length).toBeLessThan(second.length);
    const { files } = readList(targetOf(site, listName('debian-12')), 'list');
    for (const file of files) for (const at of file.keys.keys()) blockOf(site, file, at);
  });

  it('costs at most 1.15 times its whole files, compressed alike', async () => {
    const { site, publish } = await published();
    await publish([writeNight(3000)]);
    const { files } = readList(targetOf(site, listName('debian-12')), 'list');
    const shard = files.find(({ path }) => path === 'index/debian-12.jsonl')!;
    const served = shard.served.reduce((sum, length) => sum + length, 0);
    const whole = readdirSync(join(site, 'targets/debian-12/index')).find((name) =>
      name.endsWith('.debian-12.jsonl.gz'),
    )!;
    expect(served).toBeLessThanOrEqual(1.15 * statSync(join(site, 'targets/debian-12/index', whole)).size);
  });

  it('has none where none are asked for', async () => {
    const { site, publish } = await published();
    await publish([writeNight(60)], { blocks: false });
    expect(readdirSync(site)).not.toContain('blocks');
  });
});

async function published() {
  const publisher = await makePublisher();
  return {
    site: publisher.site,
    publish: (feeds: string[], options: Parameters<typeof publisher.publish>[1] = {}) =>
      publisher.publish(feeds, { blocks: true, ...options }),
  };
}

async function rootOf(site: string): Promise<Buffer> {
  return readFileSync(join(site, 'metadata/1.root.json'));
}

/** The newest of the files with this name. */
function targetOf(site: string, name: string): Buffer {
  const timestamp = metadata(site, 'metadata/timestamp.json').meta['snapshot.json'].version;
  const { version } = metadata(site, `metadata/${timestamp}.snapshot.json`).meta['feed.json'];
  const { sha256: digest } = metadata(site, `metadata/${version}.feed.json`).targets[name].hashes;
  const slash = name.lastIndexOf('/') + 1;
  return readFileSync(join(site, 'targets', `${name.slice(0, slash)}${digest}.${name.slice(slash)}`));
}

// biome-ignore lint/suspicious/noExplicitAny: members of a document that the test's own publisher wrote
function metadata(site: string, path: string): any {
  return JSON.parse(readFileSync(join(site, path), 'utf8')).signed;
}

function blockOf(site: string, file: FileBlocks, at: number): Buffer {
  const bytes = readFileSync(join(site, blockPath(digestOfBlock(file, at))));
  expect(sha256(bytes)).toBe(digestOfBlock(file, at));
  expect(bytes.length).toBe(file.served[at]);
  const plain = gunzipSync(bytes);
  expect(plain.length).toBe(file.plain[at]);
  return plain;
}

function blocksOf(site: string): string[] {
  return readdirSync(join(site, 'blocks'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.gz'))
    .sort();
}
