import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  build,
  exportFeed,
  judge,
  openFeed,
  type ProgressEvent,
  publish,
  pull,
  readSbom,
  writeReport,
} from '../../src/library/index.ts';
import { scapfeed } from '../support/cli.ts';
import { deb } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { workshop } from './support/workshop.ts';

let folder: string;
const at = (path: string) => join(folder, path);
const sample = { sources: ['debian'], ratings: false, mirror: 'sample:', unsignedMirror: true };

beforeAll(() => {
  folder = workshop();
}, 120_000);

it.each([
  ['sample', 'did you mean mirror sample:?'],
  ['nowhere', 'specify an existing folder with mirror DIR'],
])('a mirror that is no folder is refused in the words of the library: %s', async (mirror, remedy) => {
  const places = { out: at('none/feed'), snapshots: at('none/snapshots') };
  await expect(build({ ...sample, ...places, mirror })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/^mirror: no such folder: /),
    remedy,
  });
  expect(existsSync(places.out)).toBe(false);
});

it('ratings that are left out and named are refused', async () => {
  const places = { out: at('none/feed'), snapshots: at('none/snapshots') };
  await expect(build({ ...sample, ...places, sources: ['debian', 'kev'] })).rejects.toMatchObject({
    code: 'USAGE',
    message: 'ratings: false, and sources kev',
    remedy:
      'use sources debian,kev without ratings: false, which reads no other ratings; or ratings: false with sources debian',
  });
});

it('a build of the sample is of the sources that it has, as by the command', async () => {
  const places = { out: at('whole-sample/feed'), snapshots: at('whole-sample/snapshots') };
  const { failures, leftOut, manifest } = await build({ ...places, mirror: 'sample:', oval: false });
  expect([failures, leftOut]).toEqual([[], []]);
  const said = scapfeed([
    'build',
    '--mirror',
    'sample:',
    '--no-oval',
    '--out',
    at('whole-sample/by-command'),
  ]);
  expect(said.code).toBe(0);
  expect(bytesOf(places.out)).toBe(bytesOf(at('whole-sample/by-command')));
  expect(manifest.sources.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['debian', 'redhat', 'kev', 'epss', 'nvd', 'cve-records']),
  );
});

it('what a publication refuses is in the words of the library', async () => {
  const asked = { feeds: [at('feed')], keys: at('no-keys'), passphrase: 'not asked for' };
  const to = at('refused-publication');
  await expect(publish({ ...asked, to, cosignKey: { file: 'cosign.key' } })).rejects.toMatchObject({
    code: 'USAGE',
    message: 'cosignKey is for registries',
    remedy: 'specify oci://HOST/NAME with to',
  });
  await expect(publish({ ...asked, to: 'oci://127.0.0.1:1/feed' })).rejects.toMatchObject({
    code: 'USAGE',
    message: "a registry needs the publisher's own folder",
    remedy: expect.stringMatching(/^specify it with work; /),
  });
  expect(existsSync(to)).toBe(false);
});

/** Digests are in the manifest: all files of a feed, byte for byte. */
function bytesOf(feed: string): string {
  return readFileSync(join(feed, 'manifest.json'), 'utf8');
}

function bigInventory(packages: number) {
  return {
    os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
    databases: [{ kind: 'dpkg' as const, path: '/var/lib/dpkg/status', packages }],
    packages: Array.from({ length: packages }, (_, n) =>
      deb(`package-${n}`, '1', 'openssl', '3.0.11-1~deb12u1'),
    ),
    notes: [],
  };
}

describe('cancelling', () => {
  it('judge stops in the middle of a big inventory', async () => {
    const feed = openFeed(at('feed'));
    const control = new AbortController();
    const seen: number[] = [];
    const judging = judge(bigInventory(5000), feed, {
      signal: control.signal,
      onProgress: ({ done = 0 }) => {
        seen.push(done);
        // Only if the event loop turns does this happen before the end.
        if (seen.length === 2) setImmediate(() => control.abort(new Error('enough')));
      },
    });
    await expect(judging).rejects.toThrow('enough');
    expect(seen.length).toBeLessThan(6);
    feed.close();
  });

  it('readSbom stops while it reads', async () => {
    const control = new AbortController();
    const reading = readSbom(Buffer.alloc(64 << 20, ' '), { signal: control.signal });
    control.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('work that is cancelled before it begins does nothing', async () => {
    const out = join(temporaryFolder(), 'feed');
    const signal = AbortSignal.abort();
    await expect(build({ ...sample, out, snapshots: at('never'), signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(existsSync(at('never'))).toBe(false);
  });

  it.each(['reading', 'compiling', 'writing the index', 'writing OVAL'])(
    'build stops at "%s", and the last feed is as it was',
    async (begin) => {
      const place = temporaryFolder();
      const out = join(place, 'feed');
      await build({ ...sample, out, snapshots: at('snapshots'), oval: false });
      const before = bytesOf(out);
      const control = new AbortController();
      const building = build({
        ...sample,
        out,
        snapshots: at('snapshots'),
        signal: control.signal,
        onProgress: ({ step }) => {
          if (step.startsWith(begin)) control.abort();
        },
      });
      await expect(building).rejects.toMatchObject({ name: 'AbortError' });
      expect(bytesOf(out)).toBe(before);
      expect(readdirSync(place)).toEqual(['feed']);
    },
  );

  it('pull ends a request that the server does not answer, and the next pull succeeds', async () => {
    const control = new AbortController();
    const server = createServer((request, response) => {
      const file = at(`public${request.url}`);
      if (request.url?.startsWith('/targets/')) return void setTimeout(() => control.abort(), 20);
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.end(readFileSync(file));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const out = join(temporaryFolder(), 'pulled');
    const trustRoot = readFileSync(at('root.json'));
    try {
      const pulling = pull({
        from: `http://127.0.0.1:${port}`,
        out,
        trustRoot,
        platforms: ['debian-12'],
        signal: control.signal,
      });
      await expect(pulling).rejects.toMatchObject({ name: 'AbortError' });
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(existsSync(out)).toBe(false);
    const { platforms } = await pull({ from: at('public'), out, trustRoot, platforms: ['debian-12'] });
    expect(platforms.map(({ id }) => id)).toEqual(['debian-12']);
  });

  it('what onProgress throws ends the work', async () => {
    const out = join(temporaryFolder(), 'exports');
    const feed = openFeed(at('feed'));
    const onProgress = () => {
      throw new Error('no more');
    };
    await expect(exportFeed(feed, { out, targets: ['osv'], onProgress })).rejects.toThrow('no more');
    expect(existsSync(out)).toBe(false);
    feed.close();
  });
});

it('progress has counts, and after two seconds the rate and the time left', async () => {
  const feed = openFeed(at('feed'));
  const clock = vi.spyOn(performance, 'now');
  let now = 0;
  clock.mockImplementation(() => {
    now += 1000;
    return now;
  });
  const events: ProgressEvent[] = [];
  try {
    await judge(bigInventory(1000), feed, { onProgress: (event) => events.push(event) });
    await build({
      ...sample,
      out: at('counted'),
      snapshots: at('snapshots'),
      oval: false,
      onProgress: (event) => events.push(event),
    });
  } finally {
    clock.mockRestore();
    feed.close();
  }
  const amounts = events.filter((event) => event.kind === 'amount');
  const judged = amounts.filter(({ unit }) => unit === 'packages');
  expect(judged[0]).toEqual({
    kind: 'amount',
    step: 'judging packages',
    done: 0,
    total: 1000,
    unit: 'packages',
  });
  expect(judged.length).toBeGreaterThan(5);
  for (const { done, total = 0, rate = 0, left } of judged.slice(2)) {
    expect(rate).toBeGreaterThan(0);
    if (done < total) expect(left).toBeCloseTo(((total - done) / rate) * 1000, 3);
  }
  const steps = events.filter((event) => event.kind === 'step');
  expect(steps.map(({ step }) => step)).toContain('writing the index');
  for (const step of steps) expect(Object.keys(step).sort()).toEqual(['kind', 'step']);
});

describe('two at once', () => {
  it('builds have the bytes of one', async () => {
    const places = [temporaryFolder(), temporaryFolder()];
    const created = new Date('2026-11-01');
    const buildIn = (place: string) =>
      build({ ...sample, out: join(place, 'feed'), snapshots: join(place, 'snapshots'), created });
    await Promise.all(places.map(buildIn));
    for (const place of places) expect(bytesOf(join(place, 'feed'))).toBe(bytesOf(at('feed')));
  });

  it('builds of one place leave one whole feed', async () => {
    const place = temporaryFolder();
    const out = join(place, 'feed');
    const building = () => build({ ...sample, out, snapshots: temporaryFolder(), oval: false });
    await Promise.all([building(), building()]);
    openFeed(out).close();
    expect(readdirSync(place)).toEqual(['feed']);
  });

  it('judgements have the bytes of one, and one that is cancelled does not stop the other', async () => {
    const feed = openFeed(at('feed'));
    const [first, second] = [bigInventory(1000), bigInventory(700)];
    const alone = [await json(first), await json(second)];
    const control = new AbortController();
    const cancelled = judge(bigInventory(900), feed, {
      signal: control.signal,
      onProgress: ({ done }) => {
        if (done) control.abort();
      },
    });
    const together = await Promise.all([json(first), json(second), expect(cancelled).rejects.toBeDefined()]);
    expect(together.slice(0, 2)).toEqual(alone);
    feed.close();

    async function json(inventory: ReturnType<typeof bigInventory>): Promise<string> {
      return writeReport(await judge(inventory, feed), 'json');
    }
  });
});

it('reads nothing of the environment, and prints nothing', () => {
  const program = join(folder, 'quiet.mjs');
  writeFileSync(
    program,
    `import { readFile } from 'node:fs/promises';
const library = await import('scapfeed');
const read = new Set();
process.env = new Proxy({ HOME: '/nowhere' }, { get: (_, name) => void read.add(String(name)) });
for (const stream of [process.stdout, process.stderr]) stream.write = (text) => void read.add(text);
const { openFeed, openImage, readInventory, judge, writeReport, verifyFiles, comply, evalOval, build, pull, publish, exportFeed, diff } = library;
const feed = openFeed('feed');
const image = await openImage('oci:layout:1');
const scan = await judge(readInventory(image), feed, { image });
for (const format of scan.formats) if (format !== 'template') await writeReport(scan, format);
await verifyFiles('dir:image');
await comply('dir:image', { content: { file: 'benchmark.xml' }, profile: 'standard' });
await evalOval('dir:image', { content: 'definitions.xml', variables: 'variables.xml' });
await diff('dir:image', 'dir:newer-image', { feed, verify: true });
await exportFeed(feed, { out: 'quiet/exports', targets: ['osv'] });
await build({ out: 'quiet/feed', snapshots: 'quiet/snapshots', sources: ['debian'], ratings: false, mirror: 'sample:', unsignedMirror: true });
await publish({ feeds: ['quiet/feed'], to: 'quiet/public', keys: 'keys', passphrase: await readFile('passphrase', 'utf8') });
await pull({ from: 'quiet/public', out: 'quiet/pulled', trustRoot: await readFile('root.json') });
await openImage('registry:127.0.0.1:1/none', {}).catch(() => undefined);
delete process.stdout.write;
process.stdout.write(JSON.stringify([...read]));
`,
  );
  const out = execFileSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' });
  const ofNode = /^(NODE_|WATCH_REPORT_DEPENDENCIES$|TERM$)/;
  const read = JSON.parse(out) as string[];
  expect(read.filter((name) => !ofNode.test(name))).toEqual([]);
}, 60_000);
