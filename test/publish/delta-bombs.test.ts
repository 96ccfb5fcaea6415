import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { textEdits } from '../../src/publish/delta/text-edits.ts';
import { sha256 } from '../../src/publish/feed/lines.ts';
import { readShard } from '../../src/publish/feed/shard.ts';
import { fileInfo } from '../../src/publish/site/sign-site.ts';
import { deltaName } from '../../src/publish/site/write-part.ts';
import { targetPath } from '../../src/published/names.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { runCli } from './support/cli.ts';
import { daysLater, pullInto, resign } from './support/publisher.ts';
import {
  copyPublisher,
  makeTwoNights,
  metadata,
  pulledClient,
  roleFile,
  signChain,
  type TwoNights,
} from './support/two-nights.ts';

let nights: TwoNights;
beforeAll(async () => {
  nights = await makeTwoNights();
});

function manifestOf(site: string): string {
  const { signed } = JSON.parse(metadata(site, roleFile(site, 'debian-12')));
  const name = 'debian-12/manifest.json.br';
  const path = targetPath(name, signed.targets[name].hashes.sha256);
  return brotliDecompressSync(readFileSync(join(site, path))).toString();
}

/** The second night with this in the place of its delta, signed by the key of the platform's role. */
async function withDelta(text: string | Buffer): Promise<string> {
  const { publisher, older, newer } = nights;
  const { site, store } = copyPublisher(publisher, newer);
  const name = deltaName('debian-12', sha256(manifestOf(older)));
  const bytes = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  const info = { ...fileInfo(bytes), custom: { size: text.length } };
  const path = join(site, targetPath(name, info.hashes.sha256));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  const role = resign(metadata(site, roleFile(site, 'debian-12')), store, (part) => {
    (part['targets'] as Record<string, unknown>)[name] = info;
  });
  await signChain(site, store, { 'debian-12': role });
  return site;
}

/** A delta that leads to the second night's manifest, with these edits of files. */
function delta(files: unknown): string {
  const [before, after] = [manifestOf(nights.older), manifestOf(nights.newer)];
  const manifest = textEdits(before, after);
  return JSON.stringify({
    format: 3,
    platform: 'debian-12',
    from: sha256(before),
    to: sha256(after),
    manifest,
    files,
  });
}

const shard = 'index/debian-12.jsonl';
const many = (count: number) => Array.from({ length: count }, (_, at) => `CVE-2020-${at}`);

describe('a delta by a holder of the platform’s key', () => {
  it.each<[what: string, text: () => string | Buffer]>([
    ['that is no JSON', () => 'not a delta'],
    ['that is null', () => 'null'],
    ['that is a list', () => '[]'],
    ['without edits', () => delta(undefined)],
    ['whose edits are no list', () => delta({ [shard]: 'x' })],
    ['whose edits are null', () => delta({ [shard]: [null, null] })],
    ['of a few bytes that unfold to 100 MB of brackets', () => Buffer.alloc(100e6, '[')],
    ['of brackets in brackets', () => delta('FILES').replace('"FILES"', '['.repeat(60_000))],
    ['with a file outside of the feed', () => delta({ '../../../../../../../../dev/zero': [] })],
    ['with a file that the manifest does not name', () => delta({ 'index/other.jsonl': [] })],
    [
      'that edits one package again and again',
      () => delta({ [shard]: Array.from({ length: 50_000 }, () => ['package-0003', { '-': [0] }]) }),
    ],
    [
      'that edits one claim again and again',
      () =>
        delta({ [shard]: [['package-0003', { '~': Array.from({ length: 50_000 }, () => [0, [], []]) }]] }),
    ],
    [
      'that gives one claim a build again and again',
      () =>
        delta({
          [shard]: [['package-0003', { '=': Array.from({ length: 50_000 }, (_, at) => [0, `${at}`]) }]],
        }),
    ],
    [
      'that gives builds to claims that are not there',
      () =>
        delta({
          [shard]: [['package-0003', { '=': Array.from({ length: 50_000 }, (_, at) => [at, '2', 0]) }]],
        }),
    ],
    ['whose build is no text', () => delta({ [shard]: [['package-0003', { '=': [[0, { length: 9 }]] }]] })],
    ['whose builds are no list', () => delta({ [shard]: [['package-0003', { '=': 7 }]] })],
    [
      'that moves a claim to a place that is no number',
      () => delta({ [shard]: [['package-0003', { '=': [[0, '2', 'x']] }]] }),
    ],
    [
      'that adds 100,000 ids to a claim',
      () => delta({ [shard]: [['package-0003', { '~': [[0, [], many(100_000)]] }]] }),
    ],
    [
      'that adds 100,000 claims',
      () =>
        delta({
          [shard]: [
            ['package-0003', { '+': many(100_000).map((id) => [0, { status: 'affected', ids: [id] }]) }],
          ],
        }),
    ],
  ])('%s: the whole file is taken, soon and in little memory', async (_, text) => {
    const out = await pulledClient(nights.publisher, nights.older);
    const site = await withDelta(text());
    const before = process.memoryUsage.rss();
    const start = process.cpuUsage();
    const outcome = await pullInto(out, site, { now: daysLater(1) });
    expect(process.cpuUsage(start).user).toBeLessThan(8_000_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(800e6);
    expect(outcome.platforms.map(({ how }) => how)).toEqual(['whole']);
    await checkFeed(out);
  });
});

it('a delta of a newer form: the whole file is taken, and the pull says why', async () => {
  const out = await pulledClient(nights.publisher, nights.older);
  const site = await withDelta(delta({}).replace('"format":3', '"format":4'));
  const outcome = await pullInto(out, site, { now: daysLater(1) });
  expect(outcome).toMatchObject({
    platforms: [{ id: 'debian-12', how: 'whole' }],
    newerDeltas: ['debian-12'],
  });
  await checkFeed(out);
  const again = await pulledClient(nights.publisher, nights.older);
  const run = await runCli(['pull', '--from', site, '--out', again, '--max-age', '36500d']);
  expect(run).toMatchObject({
    code: 0,
    err: expect.stringContaining(
      'deltas of a form that this scapfeed does not read: debian-12 came whole; a newer version pulls less\n',
    ),
  });
});

it('a shard of a few bytes that name a long list again and again is refused', () => {
  const list = JSON.stringify({ list: '#1', ids: many(10_000) });
  const claims = Array.from({ length: 5_000 }, () => ({ kind: 0, ids: ['#1'] }));
  const lines = [{ kinds: [{ status: 'affected' }] }, { package: 'a', claims }].map((line) =>
    JSON.stringify(line),
  );
  const content = Buffer.from(`${lines[0]}\n${list}\n${lines[1]}\n`);
  expect(() => readShard(content)).toThrow(expect.objectContaining({ code: 'FEED_CORRUPT' }));
});
