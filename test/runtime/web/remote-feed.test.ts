import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { PrivateCache } from '../../../src/io/private-cache.ts';
import type { Assessment } from '../../../src/model/feed/index.ts';
import type { InstalledPackage, Inventory } from '../../../src/model/inventory/index.ts';
import { type KeyRole, type KeyType, makeKeyFile } from '../../../src/publish/keys/key-file.ts';
import { changeRoot } from '../../../src/publish/keys/root.ts';
import { judge } from '../../../src/runtime/index.ts';
import { type OpenPublishedOptions, openPublished, type TrustStore } from '../../../src/runtime/web/index.ts';
import { type ChosenFeed, completely, openFeedAt } from '../../../src/tasks/feed.ts';
import { openFeedOver } from '../../../src/tasks/remote-feed.ts';
import { readDetails } from '../../../src/tasks/scan/judge.ts';
import {
  type Answer,
  cheapKey,
  daysLater,
  endless,
  iso,
  makePublisher,
  type Publisher,
  passphrase,
  pullInto,
  send,
  serve,
} from '../../publish/support/publisher.ts';
import { copyOf } from '../../publish/support/two-nights.ts';
import { bookworm, deb, trixie, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let publisher: Publisher;
let older: string;
let newer: string;
/** The feed of the second night, as a client pulled it. */
let pulled: string;

beforeAll(async () => {
  publisher = await makePublisher();
  await publisher.publish([night('1.0-1')], { blocks: true });
  older = copyOf(publisher.site);
  await publisher.publish([night('2.0-1')], { blocks: true, date: daysLater(1) });
  newer = copyOf(publisher.site);
  pulled = join(temporaryFolder(), 'feed');
  await pullInto(pulled, newer, { pinned: publisher.root, now: daysLater(1), platforms: ['debian-12'] });
}, 120_000);

describe('a feed that is read over HTTP', () => {
  it('gives the verdicts and details of the pulled one, whatever is installed', async () => {
    const client = newClient();
    for (let seed = 1; seed <= 12; seed++) {
      const inventory = inventoryOf(seed);
      const server = await serve(newer);
      try {
        const feed = await client.open(server.url);
        expect(await facts(feed, inventory)).toEqual(await facts(openFeedAt(pulled, 'option'), inventory));
      } finally {
        await server.close();
      }
    }
  });

  it('fetches no file twice, and one small document where nothing changed', async () => {
    const client = newClient();
    const server = await serve(newer);
    try {
      await facts(await client.open(server.url), inventoryOf(3));
      const cold = server.requests.splice(0);
      expect(new Set(cold).size).toBe(cold.length);
      await facts(await client.open(server.url), inventoryOf(3));
      expect(server.requests).toEqual(['metadata/timestamp.json']);
      expect(readFileSync(join(newer, 'metadata/timestamp.json')).length).toBeLessThan(3000);
    } finally {
      await server.close();
    }
  });

  it('proves absence by the list of names, without a block', async () => {
    const client = newClient();
    const server = await serve(newer);
    try {
      const feed = await client.open(server.url);
      const absent = { ...inventoryOf(1), packages: [deb('aaa-not-there', '1'), deb('zzz-not-there', '1')] };
      await completely(feed, (whole) => judge(whole, absent, { now: daysLater(1) }));
      expect(server.requests.filter((path) => path.includes('debian-12.jsonl'))).toEqual([]);
      expect(server.requests.filter((path) => path.startsWith('blocks/')).length).toBeLessThanOrEqual(2);
    } finally {
      await server.close();
    }
  });

  it('takes a few blocks for a few packages, and the whole file for many', async () => {
    for (const [count, isWhole] of [
      [2, false],
      [400, true],
    ] as const) {
      const server = await serve(newer);
      try {
        const feed = await newClient().open(server.url);
        const packages = Array.from({ length: count }, (_, at) => deb(name(at * 5), '0.9-1'));
        await completely(feed, (whole) =>
          judge(whole, { ...inventoryOf(1), packages }, { now: daysLater(1) }),
        );
        expect(server.requests.some((path) => /index\/\w+\.debian-12\.jsonl/.test(path))).toBe(isWhole);
      } finally {
        await server.close();
      }
    }
  });

  it('lets scans begin at once that trust nothing yet', async () => {
    const client = newClient();
    const server = await serve(newer);
    try {
      const feeds = await Promise.all([1, 2, 3, 4].map(() => client.open(server.url)));
      expect(new Set(feeds.map((feed) => feed.digest())).size).toBe(1);
      expect(server.requests.filter((path) => path === 'metadata/1.targets.json').length).toBeLessThan(2);
      for (const feed of feeds) feed.close();
    } finally {
      await server.close();
    }
  });

  it('takes the given root where a crash has cut the kept one', async () => {
    const client = newClient();
    const server = await serve(newer);
    try {
      (await client.open(server.url)).close();
      const root = join(client.trust, 'root.json');
      const whole = readFileSync(root);
      writeFileSync(root, whole.subarray(0, 20));
      (await client.open(server.url)).close();
      expect(readFileSync(root)).toEqual(whole);
    } finally {
      await server.close();
    }
  });

  it('advises what a scan can do', async () => {
    const server = await serve(newer, {
      'metadata/timestamp.json': (response) => response.writeHead(206).end(),
    });
    try {
      const opened = newClient().open(server.url);
      await expect(opened).rejects.toMatchObject({
        remedy: 'try again later, or specify another mirror',
      });
    } finally {
      await server.close();
    }
    const taken = join(temporaryFolder(), 'file');
    writeFileSync(taken, '');
    await expect(newClient(publisher.root, taken).open(server.url)).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
      remedy: expect.stringContaining('XDG_DATA_HOME'),
    });
  });

  it.each([
    'http://name:secret@127.0.0.1:1/feed',
    'http://127.0.0.1:1/feed?token=secret',
    'http://127.0.0.1:1/#secret',
  ])('sends and repeats no login of an address: %s', async (url) => {
    const error: unknown = await newClient()
      .open(url)
      .catch((cause) => cause);
    expect(error).toMatchObject({ code: 'USAGE' });
    expect(inspect(error)).not.toContain('secret');
  });

  it('says where a publisher made no blocks, and how to get the feed', async () => {
    const other = await makePublisher();
    await other.publish([night('1.0-1')]);
    const server = await serve(other.site);
    try {
      const opened = newClient(other.root).open(server.url);
      await expect(opened).rejects.toMatchObject({ code: 'FEED_MISSING', remedy: /scapfeed pull --from/ });
    } finally {
      await server.close();
    }
  });

  it('trusts nothing without a root, and nothing of another publisher', async () => {
    const stranger = await makePublisher();
    const server = await serve(newer);
    try {
      await expect(newClient(null).open(server.url)).rejects.toMatchObject({ code: 'TRUST_ROOT_MISSING' });
      await expect(newClient(stranger.root).open(server.url)).rejects.toMatchObject({
        code: expect.stringMatching(/^TRUST_/),
      });
    } finally {
      await server.close();
    }
  });
});

describe('what is trusted', () => {
  it('is changed by one of several first runs at a time', async () => {
    const client = newClient();
    const server = await serve(newer);
    try {
      const feeds = await Promise.all(Array.from({ length: 6 }, () => client.open(server.url)));
      const digests = new Set(feeds.map(({ digest }) => digest()));
      for (const feed of feeds) feed.close();
      expect(digests.size).toBe(1);
      expect(readdirSync(client.trust)).not.toContain('lock');
    } finally {
      await server.close();
    }
  });

  it('follows a new root at once where the timestamp is new, and within the hour where it is not', async () => {
    const rotating = await makePublisher();
    await rotating.publish([night('1.0-1')], { blocks: true });
    const server = await serve(rotating.site);
    const client = newClient(rotating.root);
    const rootAt = async (hours: number) => {
      (await client.open(server.url, daysLater(1 + hours / 24))).close();
      return JSON.parse(readFileSync(join(client.trust, 'root.json'), 'utf8')).signed.version;
    };
    try {
      expect(await rootAt(0)).toBe(1);
      await rotate(rotating, 'root');
      writeFileSync(join(rotating.site, 'metadata/2.root.json'), rotating.store.rootChain()[1]!);
      expect(await rootAt(0.5)).toBe(1);
      expect(await rootAt(1.1)).toBe(2);
      await rotate(rotating, 'timestamp');
      await rotating.publish([night('1.0-1')], { blocks: true, date: daysLater(1) });
      expect(await rootAt(1.2)).toBe(3);
    } finally {
      await server.close();
    }
  });

  it('is asked for anew within the hour where the root has expired meanwhile', async () => {
    const client = newClient();
    const server = await serve(newer);
    client.at(server.url);
    try {
      (await client.open(server.url)).close();
      writeFileSync(join(client.trust, 'asked'), String(daysLater(370).getTime()), { mode: 0o600 });
      server.requests.splice(0);
      await expect(client.open(server.url, daysLater(370))).rejects.toMatchObject({ code: 'TRUST_EXPIRED' });
      expect(server.requests).toContain('metadata/2.root.json');
    } finally {
      await server.close();
    }
  });
});

const lists = /^targets\/feed\/blocks\//;

const otherNight = /^(TRUST_(SWAPPED|TRUNCATED)|FETCH_TOO_LARGE)$/;

/** Pieces of a byte, each in time for the next one. */
const trickle: Answer = (response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write('{'), 50);
  response.on('close', () => clearInterval(timer));
};

describe('a server that lies changes no verdict', () => {
  it.each<[what: string, lie: (bytes: Buffer) => Answer, code: string]>([
    ['cuts blocks', (bytes) => send(bytes.subarray(0, -5)), 'TRUST_TRUNCATED'],
    [
      'sends other bytes of the same length',
      (bytes) => send(Buffer.alloc(bytes.length, 0x41)),
      'TRUST_SWAPPED',
    ],
    ['does not have them', () => (response) => response.writeHead(404).end(), 'TRUST_SWAPPED'],
    ['sends more than was signed', (bytes) => send(Buffer.alloc(bytes.length + 9000)), 'FETCH_TOO_LARGE'],
    ['sends them byte by byte', () => trickle, 'FETCH_TIMEOUT'],
    ['sends nothing any more', () => (response) => void response.writeHead(200).write('x'), 'FETCH_TIMEOUT'],
  ])('%s', async (_, lie, code) => {
    const server = await serve(newer, answersFor(newer, lie));
    try {
      const feed = await newClient().open(server.url);
      await expect(facts(feed, inventoryOf(3))).rejects.toMatchObject({ code });
    } finally {
      await server.close();
    }
  });

  it.each<[what: string, of: RegExp, lie: (before: Buffer) => Answer, code: RegExp]>([
    ['sends the snapshot of the night before', /^metadata\/2\.snapshot/, send, otherNight],
    ['sends the role of the night before', /^metadata\/2\.feed/, send, otherNight],
    ['sends lists of the night before', lists, send, otherNight],
    ['has no lists', lists, () => (response) => response.writeHead(404).end(), /^TRUST_SWAPPED$/],
    ['sends lists byte by byte', lists, () => trickle, /^FETCH_TIMEOUT$/],
  ])('%s', async (_, of, lie, code) => {
    const nameOf = (path: string) => path.replace(/(?<=\/)(?:\d+|[0-9a-f]{64})\./, '');
    const [before, now] = [older, newer].map((site) =>
      readdirSync(site, { recursive: true, encoding: 'utf8' }).filter(
        (path) => of.test(path) && /[nz]$/.test(path),
      ),
    );
    const changed = now!.filter((path) => !before!.includes(path));
    expect(changed.length).toBeGreaterThan(0);
    const lies = changed.map((path) => {
      const other = before!.find((each) => nameOf(each) === nameOf(path)) ?? before![0];
      return [path, lie(other === undefined ? Buffer.alloc(0) : readFileSync(join(older, other)))] as const;
    });
    const server = await serve(newer, Object.fromEntries(lies));
    try {
      const judged = newClient()
        .open(server.url)
        .then((feed) => facts(feed, inventoryOf(3)));
      await expect(judged).rejects.toMatchObject({ code: expect.stringMatching(code) });
    } finally {
      await server.close();
    }
  });

  it('exchanges two blocks', async () => {
    const files = servedFiles(newer).filter(([path]) => path.startsWith('blocks/'));
    const answers = files.map(([path], at) => [path, send(files[(at + 1) % files.length]![1])] as const);
    const server = await serve(newer, Object.fromEntries(answers));
    try {
      const feed = await newClient().open(server.url);
      const packages = [deb(name(5), '0.9-1')];
      const judged = completely(feed, (whole) =>
        judge(whole, { ...inventoryOf(1), packages }, { now: daysLater(1) }),
      );
      await expect(judged).rejects.toMatchObject({
        code: expect.stringMatching(/^(TRUST_|FETCH_TOO_LARGE)/),
      });
    } finally {
      await server.close();
    }
  });

  it('compresses on the fly, or declares what is compressed: the verdicts are the same', async () => {
    const expected = await facts(openFeedAt(pulled, 'option'), inventoryOf(3));
    const encodings: ((bytes: Buffer) => Answer)[] = [
      (bytes) => (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes)),
      (bytes) => (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes),
    ];
    for (const lie of encodings) {
      const server = await serve(newer, answersFor(newer, lie, /\.gz$/));
      try {
        expect(await facts(await newClient().open(server.url), inventoryOf(3))).toEqual(expected);
      } finally {
        await server.close();
      }
    }
  });

  it('goes back to an older state, or stays on one that has expired', async () => {
    const client = newClient();
    for (const [site, now, code] of [
      [newer, daysLater(1), undefined],
      [older, daysLater(1), 'TRUST_ROLLBACK'],
      [newer, daysLater(10), 'TRUST_EXPIRED'],
    ] as const) {
      const server = await serve(site);
      client.at(server.url);
      try {
        if (code === undefined) await client.open(server.url, now);
        else await expect(client.open(server.url, now)).rejects.toMatchObject({ code });
      } finally {
        await server.close();
      }
    }
  });

  it('changes what is cached: it is fetched again', async () => {
    const client = newClient();
    const server = await serve(newer);
    try {
      const before = await facts(await client.open(server.url), inventoryOf(3));
      for (const file of readdirSync(client.cache))
        writeFileSync(join(client.cache, file), 'not what it was');
      expect(await facts(await client.open(server.url), inventoryOf(3))).toEqual(before);
    } finally {
      await server.close();
    }
  });
});

/** Gzip of gzip is longer, or shorter where the text repeats itself. */
const otherLength = /^(FETCH_TOO_LARGE|TRUST_TRUNCATED)$/;

describe('a feed that a page reads', () => {
  it('has the verdicts and details of the pulled one, whatever is installed', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const inventory = inventoryOf(seed);
      const server = await serve(newer);
      try {
        const feed = await openPublished(server.url, inPage());
        const { judged, details } = await facts(openFeedAt(pulled, 'option'), inventory);
        expect(await feed.judge(inventory)).toEqual(judged);
        const found = await feed.complete((whole) =>
          judged.verdicts.map(({ vulnerability, advisories }) => [
            whole.vulnerability(vulnerability),
            whole.assessment(vulnerability),
            advisories.map((id) => whole.advisory(id)),
          ]),
        );
        expect(found).toEqual(details);
        expect(feed.traffic.requests).toBe(server.requests.length);
      } finally {
        await server.close();
      }
    }
  });

  it.each<[what: string, lie: (bytes: Buffer) => Answer, code: string | RegExp]>([
    ['cuts', (bytes) => send(bytes.subarray(0, -5)), 'TRUST_TRUNCATED'],
    ['changes', (bytes) => send(Buffer.alloc(bytes.length, 0x41)), 'TRUST_SWAPPED'],
    ['lacks', () => (response) => response.writeHead(404).end(), 'TRUST_SWAPPED'],
    ['lengthens', (bytes) => send(Buffer.concat([bytes, Buffer.alloc(9000)])), 'FETCH_TOO_LARGE'],
    ['breaks', () => (response) => response.writeHead(500).end(), 'FETCH_FAILED'],
    ['gzips again', (bytes) => send(gzipSync(bytes)), otherLength],
    ['gzips and labels', (bytes) => labelled(gzipSync(gzipSync(bytes)), 'gzip'), otherLength],
    ['labels', (bytes) => labelled(bytes, 'gzip'), 'FETCH_TOO_LARGE'],
    ['makes a bomb of', () => bomb, 'FETCH_TOO_LARGE'],
    ['never ends', () => endless, 'FETCH_TOO_LARGE'],
  ])('has no verdict where a server %s blocks, or lists of them', async (_, lie, code) => {
    const blocks = servedFiles(newer).filter(([path]) => isOfIndex(path));
    for (const files of [blocks, servedLists(newer)]) {
      const lies = files.map(([path, bytes]) => [path, lie(bytes)] as const);
      const server = await serve(newer, Object.fromEntries(lies));
      try {
        const judged = openPublished(server.url, inPage()).then((feed) => feed.judge(inventoryOf(3)));
        await expect(judged).rejects.toMatchObject({ code: expect.stringMatching(code) });
      } finally {
        await server.close();
      }
    }
  });

  it('has no verdict where a server swaps blocks, or lists, one for another', async () => {
    const blocks = servedFiles(newer).filter(([path]) => isOfIndex(path));
    for (const files of [blocks, servedLists(newer)]) {
      const swapped = files.map(([path], at) => [path, send(files.at(at - 1)![1])] as const);
      const server = await serve(newer, Object.fromEntries(swapped));
      try {
        const judged = openPublished(server.url, inPage()).then((feed) => feed.judge(inventoryOf(3)));
        await expect(judged).rejects.toMatchObject({
          code: expect.stringMatching(/^TRUST_(?:SWAPPED|TRUNCATED)$|^FETCH_TOO_LARGE$/),
        });
      } finally {
        await server.close();
      }
    }
  });

  it('has no verdict of the snapshot of another night, below the newest timestamp', async () => {
    const [before, now] = [older, newer].map((site, at) =>
      readFileSync(join(site, `metadata/${at + 1}.snapshot.json`)),
    );
    const server = await serve(newer, { 'metadata/2.snapshot.json': send(before!) });
    try {
      expect(before!.equals(now!)).toBe(false);
      await expect(openPublished(server.url, inPage())).rejects.toMatchObject({
        code: expect.stringMatching(/^TRUST_/),
      });
    } finally {
      await server.close();
    }
  });

  it('gives a server up that sends a byte in time for each next one, and waits for a slow link', async () => {
    const server = await serve(newer);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    /** A server of so many bytes in a second. */
    const paced =
      (bytes: number): typeof fetch =>
      async (url, init) => {
        const answer = await fetch(url, { method: 'GET' });
        const body = Buffer.from(await answer.arrayBuffer());
        let at = 0;
        const pull = (controller: ReadableStreamDefaultController) => {
          vi.advanceTimersByTime(1000);
          if (init!.signal!.aborted) return controller.error(init!.signal!.reason);
          controller.enqueue(body.subarray(at, at + bytes));
          at += bytes;
          if (at >= body.length) controller.close();
        };
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { status: answer.status });
      };
    try {
      await expect(openPublished(server.url, { ...inPage(), fetch: paced(10) })).rejects.toMatchObject({
        code: 'FETCH_TIMEOUT',
      });
      const feed = await openPublished(server.url, { ...inPage(), fetch: paced(90_000) });
      expect((await feed.judge(inventoryOf(3))).verdicts.length).toBeGreaterThan(0);
    } finally {
      vi.useRealTimers();
      await server.close();
    }
  });

  it.each<[path: string, lie: (bytes: Buffer) => Buffer]>([
    ['1.root.json', (bytes) => bytes],
    ['timestamp.json', (bytes) => edited(bytes, 'version', 7)],
    ['timestamp.json', (bytes) => edited(bytes, 'expires', '2099-01-01T00:00:00Z')],
    ['2.snapshot.json', (bytes) => edited(bytes, 'expires', '2099-01-01T00:00:00Z')],
    ['feed.json', (bytes) => edited(bytes, 'version', 2)],
    ['targets.json', (bytes) => Buffer.from(bytes.toString().replaceAll('"threshold":1', '"threshold":0'))],
    ['timestamp.json', () => Buffer.from('<html>login</html>')],
  ])('refuses what a pull refuses: another %s', async (name, lie) => {
    const changed = readdirSync(join(newer, 'metadata')).filter((file) => file.endsWith(name));
    const lies = changed.map((file) => {
      const bytes = readFileSync(join(newer, 'metadata', file));
      return [`metadata/${file}`, send(lie(bytes))] as const;
    });
    const server = await serve(newer, Object.fromEntries(lies));
    try {
      const codeOf = (opened: Promise<unknown>) =>
        opened.then(
          () => 'none',
          ({ code }) => code,
        );
      const inNode = await codeOf(newClient().open(server.url));
      expect([name, await codeOf(openPublished(server.url, inPage()))]).toEqual([name, inNode]);
    } finally {
      await server.close();
    }
  });

  it('remembers what it has seen, where it may', async () => {
    const kept = new Map<string, string>();
    const store: TrustStore = {
      get: (name) => kept.get(name),
      set: (name, text) => void kept.set(name, text),
    };
    for (const [site, now, code] of [
      [newer, daysLater(1), undefined],
      [newer, daysLater(1), undefined],
      [older, daysLater(1), 'TRUST_ROLLBACK'],
      [newer, daysLater(10), 'TRUST_EXPIRED'],
    ] as const) {
      const server = await serve(site);
      try {
        const opened = openPublished(server.url, { ...inPage(), store, now });
        if (code === undefined) await opened;
        else await expect(opened).rejects.toMatchObject({ code });
      } finally {
        await server.close();
      }
    }
  });

  it('has no verdict any more once its signatures have expired', async () => {
    const { now: _, ...options } = inPage();
    const server = await serve(newer);
    vi.useFakeTimers({ toFake: ['Date'], now: daysLater(1) });
    try {
      const feed = await openPublished(server.url, options);
      expect((await feed.judge(inventoryOf(3))).verdicts.length).toBeGreaterThan(0);
      vi.setSystemTime(daysLater(10));
      await expect(feed.judge(inventoryOf(3))).rejects.toMatchObject({ code: 'TRUST_EXPIRED' });
    } finally {
      vi.useRealTimers();
      await server.close();
    }
  });

  it('follows roots, keys of ECDSA too, and refuses the root of another publisher', async () => {
    const rotating = await makePublisher();
    await rotating.publish([night('1.0-1')], { blocks: true });
    for (const role of ['root', 'timestamp'] as const) await rotate(rotating, role, 'ecdsa');
    await rotating.publish([night('1.0-1')], { blocks: true, date: daysLater(1) });
    const server = await serve(rotating.site);
    try {
      const feed = await openPublished(server.url, { ...inPage(), root: rotating.root });
      expect(feed.root.version).toBe(3);
      expect((await feed.judge(inventoryOf(1))).verdicts.length).toBeGreaterThan(0);
      await expect(openPublished(server.url, inPage())).rejects.toMatchObject({
        code: expect.stringMatching(/^TRUST_/),
      });
    } finally {
      await server.close();
    }
  });
});

/** The lists of blocks, by their digests. */
function servedLists(site: string): [path: string, bytes: Buffer][] {
  return readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter((path) => lists.test(path) && path.endsWith('.gz'))
    .map((path) => [path, readFileSync(join(site, path))]);
}

const bomb = labelled(gzipSync(Buffer.alloc(2 ** 25)), 'gzip');

/** As the answer of a server that says which encoding its bytes have. */
function labelled(bytes: Buffer, encoding: string): Answer {
  return (response) => response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
}

function inPage(): OpenPublishedOptions {
  return { root: publisher.root, now: daysLater(1) };
}

function edited(bytes: Buffer, field: string, value: unknown): Buffer {
  const document = JSON.parse(bytes.toString()) as { signed: Record<string, unknown> };
  document.signed[field] = value;
  return Buffer.from(JSON.stringify(document));
}

const count = 2500;

function name(at: number): string {
  return `package-${String(at).padStart(4, '0')}`;
}

/** A feed of two releases with ratings, of which `fixed` fixes some packages. */
function night(fixed: string): string {
  const statements = Array.from({ length: count }, (_, at) => ({
    package: name(at),
    vulnerability: `CVE-2026-${1000 + at}`,
    ...(at % 3 === 0
      ? { status: 'affected' as const, fixState: 'none_yet' as const }
      : { status: 'fixed' as const, fixed: at === 1 ? fixed : '1.0-1', advisories: [`DSA-${at}-1`] }),
  }));
  const assessments = statements.map(
    ({ vulnerability }, at): Assessment => ({
      id: vulnerability,
      ratings: [
        { source: 'nvd', version: '3.1', score: 7.5, vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' },
      ],
      ...(at % 50 === 1 && { exploited: { added: '2024-03-10' } }),
      epss: { probability: ((at * 7919) % 100_000) / 100_000, percentile: at / count },
    }),
  );
  const vulnerabilities = statements.map(({ vulnerability: id }) => ({ id, description: `What ${id} is.` }));
  const roster = new Map(
    statements.map(({ package: source }) => [source, { version: '1.0-1', binaries: [] }]),
  );
  return writeSmallFeed(
    [
      { platform: bookworm, data: { roster }, statements, vulnerabilities },
      { platform: trixie, statements: statements.slice(0, 8) },
    ],
    temporaryFolder(),
    assessments,
  );
}

/** Some 40 packages that follow from the seed: with statements, without, and of no source of the release. */
function inventoryOf(seed: number): Inventory {
  const packages: InstalledPackage[] = [];
  for (let at = 0; at < 40; at++) {
    const lot = (seed * 7919 + at * 104_729) % 3100;
    packages.push(deb(lot < count ? name(lot) : `other-${lot}`, lot % 2 === 0 ? '0.9-1' : '1.0-1'));
  }
  return {
    os: { id: 'debian', versionId: '12', codename: 'bookworm', found: 'etc/os-release' },
    databases: [{ kind: 'dpkg', path: 'var/lib/dpkg/status', packages: packages.length }],
    packages,
    notes: [],
  } as unknown as Inventory;
}

/** All that a scan with every report reads. */
async function facts(feed: ChosenFeed, inventory: Inventory) {
  const how = { now: daysLater(1) };
  try {
    const judged = await completely(feed, (whole) => judge(whole, inventory, how));
    await completely(feed, (whole) => readDetails(whole, inventory, how, judged.verdicts));
    return {
      judged,
      details: judged.verdicts.map(({ vulnerability, advisories }) => [
        feed.vulnerability(vulnerability),
        feed.assessment(vulnerability),
        advisories.map((id) => feed.advisory(id)),
      ]),
    };
  } finally {
    feed.close();
  }
}

async function rotate({ store }: Publisher, role: KeyRole, type?: KeyType): Promise<void> {
  const kept = store.keys().filter((key) => !key.roles.includes(role));
  const cost = { N: 16, r: 8, p: 1 };
  const keys = [...kept, type ? makeKeyFile(type, [role], passphrase(), cost) : cheapKey(role)];
  await store.save(keys.at(-1)!);
  await changeRoot(store, [store], { keys, expires: iso(daysLater(365)) }, passphrase);
}

/** A user with trust and cache of their own; `null`: who gives no root. */
function newClient(root: Buffer | null = publisher.root, home = temporaryFolder()) {
  const folder = join(home, 'trust');
  const cache = join(home, 'blocks');
  let address: string | undefined;
  return {
    cache,
    trust: folder,
    /** The same address for what follows, wherever the server is. */
    at(url: string) {
      address = url;
    },
    open: (url: string, now = daysLater(1)) =>
      openFeedOver({
        from: address ?? url,
        chosen: 'option',
        folder,
        cache: new PrivateCache(cache, { files: 5000, bytes: 2 ** 28 }),
        now,
        access: {
          http: { env: {}, limits: { retries: 1, firstDelay: 1, idle: 500, headers: 500 } },
        },
        progress: () => {},
        ...(root && { pinned: root }),
      }),
  };
}

/** Blocks and whole files of the index, by path. */
function servedFiles(site: string): [path: string, bytes: Buffer][] {
  return readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter((path) => /^blocks\/..\/\w+\.gz$|^targets\/[^/]+\/index\//.test(path))
    .map((path) => [path, readFileSync(join(site, path))]);
}

function answersFor(site: string, lie: (bytes: Buffer) => Answer, which = /./): Record<string, Answer> {
  return Object.fromEntries(
    servedFiles(site)
      .filter(([path]) => which.test(path))
      .map(([path, bytes]) => [path, lie(bytes)]),
  );
}

/** A block, or a whole file of the index as a page reads it. */
function isOfIndex(path: string): boolean {
  return path.startsWith('blocks/') || /^targets\/[^/]+\/index\/.*\.gz$/.test(path);
}
