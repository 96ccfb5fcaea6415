import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  check,
  checkFeed,
  checkPolicy,
  checkSignatures,
  comply,
  describeFile,
  diff,
  evalOval,
  explain,
  exportFeed,
  fleetStatus,
  type Image,
  type Inventory,
  isScapfeedError,
  type JudgeOptions,
  judge,
  listFleet,
  listProfiles,
  listSnapshots,
  makeKeys,
  type OpenFeed,
  openFeed,
  openFleet,
  openImage,
  readInventory,
  readResults,
  readSbom,
  runFleet,
  type Scan,
  validateFile,
  verifyFiles,
  writeReport,
} from '../../src/library/index.ts';
import { newEmbedded } from '../support/fleet.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { workshop } from './support/workshop.ts';

// Objects that no function of the library made, and files that change under it: an error of ours, or the right result.

let folder: string;
let feed: OpenFeed;
let image: Image;
let inventory: Inventory;
const at = (path: string) => join(folder, path);

beforeAll(async () => {
  folder = workshop();
  feed = openFeed(at('feed'));
  image = await openImage(`dir:${at('image')}`);
  inventory = readInventory(image);
}, 120_000);

/** A scan in each of its formats. */
async function written(scan: Scan): Promise<string[]> {
  const formats = scan.formats.filter((format) => format !== 'template');
  return Promise.all(formats.map((format) => writeReport(scan, format)));
}

/** The error code for a value that JavaScript lets a caller pass. */
async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return 'a result';
  } catch (error) {
    return isScapfeedError(error) ? error.code : `a stranger's error: ${String(error)}`;
  }
}

const bang = () => {
  throw new Error('bang');
};

function revoked(target: object): never {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy as never;
}

describe('getters and proxies that throw are refused at the check', () => {
  it.each<[string, () => [Inventory, JudgeOptions]]>([
    ['the names of options', () => [inventory, new Proxy({}, { ownKeys: bang })]],
    ['an option', () => [inventory, Object.defineProperty({}, 'failOn', { get: bang, enumerable: true })]],
    ['a revoked proxy for options', () => [inventory, revoked({})]],
    ['a revoked proxy for an option', () => [inventory, { failOn: revoked([]) }]],
    ['a revoked proxy for an inventory', () => [revoked({}), {}]],
    ['a revoked proxy for packages', () => [{ ...inventory, packages: revoked([]) }, {}]],
    ['packages', () => [Object.defineProperty({ ...inventory }, 'packages', { get: bang }), {}]],
    ['a signal that is none', () => [inventory, { signal: Object.create(AbortSignal.prototype) }]],
    ['a date that is none', () => [inventory, { date: Object.create(Date.prototype) }]],
  ])('%s', async (_, hostile) => {
    const [given, options] = hostile();
    await expect(judge(given, feed, options)).rejects.toMatchObject({
      code: 'USAGE',
      where: expect.stringContaining('judge(): '),
    });
  });

  it('in functions that take one of several', async () => {
    for (const work of [
      () => listProfiles(revoked({})),
      () => diff(feed, feed, revoked({})),
      () => readSbom(Object.create(Uint8Array.prototype)),
      () => checkSignatures('x', { identities: [{ name: Object.create(RegExp.prototype), issuer: 'x' }] }),
      () => writeReport(revoked({}), 'json' as never),
    ])
      expect(await codeOf(work)).toBe('USAGE');
  });
});

describe('prototypes', () => {
  it('names of Object.prototype are names', async () => {
    const named = (name: string) => ({ ...inventory.packages[0]!, name, source: { name, version: '1' } });
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
    const scan = await judge({ ...inventory, packages: names.map(named) }, feed, { all: true });
    expect(scan.result.uncovered.map((one) => one.package.name).sort()).toEqual(names.toSorted());
    await written(scan);
  });

  it('of options from JSON are options that do not exist', async () => {
    const options = JSON.parse('{"__proto__":{"failOn":["any"]}}') as JudgeOptions;
    await expect(judge(inventory, feed, options)).rejects.toMatchObject({ code: 'USAGE' });
    const platformMap = JSON.parse('{"__proto__":"debian-11","constructor":"debian-11"}') as Record<
      string,
      string
    >;
    expect((await judge(inventory, feed, { platformMap })).result.platform.id).toBe('debian-12');
  });

  it('that somebody polluted change no result', async () => {
    const before = await written(await judge(inventory, feed));
    const prototype = Object.prototype as { polluted?: unknown };
    prototype.polluted = { hidden: 'yes' };
    try {
      expect(await written(await judge(inventory, feed))).toEqual(before);
    } finally {
      delete prototype.polluted;
    }
  });
});

describe('an inventory made by hand', () => {
  it.each<[string, object]>([
    ['.packages[0].arch', { arch: undefined }],
    ['.packages[0].version', { version: Number.NaN }],
    ['.packages[0].type', { type: 'npm' }],
    ['.packages[0].source', { source: null }],
    ['.packages[0].database', { database: {} }],
    ['.packages[0].layer', { layer: Number.NaN }],
    ['.packages[0].layer', { layer: -1 }],
    ['.packages[0].module', { module: 5 }],
    ['.packages[0].unstated[0]', { unstated: ['x'] }],
  ])('%s of a package %j', async (where, change) => {
    const packages = [{ ...inventory.packages[0]!, ...change }] as Inventory['packages'];
    await expect(judge({ ...inventory, packages }, feed)).rejects.toMatchObject({
      code: 'USAGE',
      where: `judge(): inventory${where}`,
    });
  });

  it.each<[string, object]>([
    ['.os.versionId', { os: { id: 'debian', versionId: 12, found: 'x' } }],
    ['.os.found', { os: { id: 'debian', versionId: '12' } }],
    ['.databases[0].kind', { databases: [{ kind: 'x' }] }],
    ['.databases[0].packages', { databases: [{ kind: 'dpkg', path: 'x', packages: Number.NaN }] }],
    ['.notes[0]', { notes: [null] }],
    ['.notes[0].code', { notes: [{ code: 5 }] }],
    ['.unjudged', { unjudged: 5 }],
    ['.aptSuites[0]', { aptSuites: [5] }],
    ['.context.ubuntu', { context: { ubuntu: 5 } }],
  ])('%s of %j', async (where, change) => {
    await expect(judge({ ...inventory, ...change }, feed)).rejects.toMatchObject({
      code: 'USAGE',
      where: `judge(): inventory${where}`,
    });
  });

  it('with a hole in its list of packages', async () => {
    const packages = [inventory.packages[0]!, inventory.packages[0]!];
    delete packages[0];
    await expect(judge({ ...inventory, packages }, feed)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it.each(['\ud800', 'a\u0000b', '\u001b[31m', '../../etc/passwd', ' ', 'x'.repeat(1 << 20)])(
    'text in it that is none (%#) is written in every format, or refused',
    async (text) => {
      for (const change of [{ name: text }, { source: { name: text, version: text } }, { version: text }]) {
        const packages = [{ ...inventory.packages[0]!, ...change }];
        const codes = ['a result', ...(text.includes('\0') ? ['USAGE'] : [])];
        const code = await codeOf(async () =>
          written(await judge({ ...inventory, packages }, feed, { image, all: true })),
        );
        expect(codes).toContain(code);
      }
    },
  );

  it('of a million packages is judged, and can be cancelled', async () => {
    const one = inventory.packages[0]!;
    const packages = Array.from({ length: 1_000_000 }, (_, n) => ({
      ...one,
      name: `p${n}`,
      source: { name: `s${n % 1000}`, version: '1' },
    }));
    const big = { ...inventory, packages };
    const control = new AbortController();
    const cancelled = judge(big, feed, {
      signal: control.signal,
      onProgress: ({ done }) => done && control.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    const { result } = await judge(big, feed);
    expect(result.uncovered).toHaveLength(1_000_000);
  }, 120_000);
});

describe('an image made by hand', () => {
  it.each<[string, (from: Image) => object]>([
    ['.files.layers', ({ files }) => ({ files: { ...files, layers: undefined, read: bang, list: bang } })],
    ['.files.open', () => ({ files: { layers: [], read: () => undefined, list: () => [] } })],
    ['.digest', () => ({ digest: 5 })],
    ['.notes[0]', () => ({ notes: [null] })],
    ['.labels.a', () => ({ labels: { a: 5 } })],
    ['.env[0]', () => ({ env: [5] })],
  ])('%s is refused', async (where, change) => {
    const made = { ...image, ...change(image) } as Image;
    expect(await codeOf(() => readInventory(made))).toBe('USAGE');
    await expect(judge(inventory, feed, { image: made })).rejects.toMatchObject({
      code: 'USAGE',
      where: `judge(): options.image${where}`,
    });
  });
});

describe('a feed that changes while it is open', () => {
  const shard = 'index/debian-12.jsonl';

  it.each<[string, (place: string) => void]>([
    ['is cut', (place) => truncateSync(join(place, shard), 100)],
    ['is emptied', (place) => truncateSync(join(place, shard), 0)],
    ['loses its index', (place) => rmSync(join(place, 'index'), { recursive: true })],
    ['is removed', (place) => rmSync(place, { recursive: true })],
    [
      'has other bytes',
      (place) => {
        const bytes = readFileSync(join(place, shard));
        writeFileSync(
          join(place, shard),
          bytes.map((byte, n) => (n % 50 === 0 ? byte ^ 1 : byte)),
        );
      },
    ],
    [
      'has a folder for a file',
      (place) => {
        rmSync(join(place, shard));
        mkdirSync(join(place, shard));
      },
    ],
    [
      'has a device for a file',
      (place) => {
        rmSync(join(place, shard));
        symlinkSync('/dev/zero', join(place, shard));
      },
    ],
  ])('%s: every function says so', async (_, change) => {
    const place = join(temporaryFolder(), 'feed');
    cpSync(at('feed'), place, { recursive: true });
    const open = openFeed(place);
    change(place);
    for (const work of [
      () => judge(inventory, open),
      () => explain(inventory, open, 'CVE-2023-5363', 'libssl3', { image }),
      () => exportFeed(open, { out: join(place, '..', 'out'), targets: ['osv'] }),
      () => diff(open, open),
      () => diff(open, open, { inventory }),
    ])
      expect(await codeOf(work)).toMatch(/^FEED_(CORRUPT|MISSING)$/);
    open.close();
  });

  it('what was read before is the result, in one piece', async () => {
    const place = join(temporaryFolder(), 'feed');
    cpSync(at('feed'), place, { recursive: true });
    const open = openFeed(place);
    const before = await judge(inventory, open);
    truncateSync(join(place, 'manifest.json'), 0);
    expect((await judge(inventory, open)).result.verdicts).toEqual(before.result.verdicts);
    open.close();
    expect(await codeOf(() => openFeed(place))).toBe('FEED_CORRUPT');
  });
});

describe('closing', () => {
  const openFiles = () => readdirSync('/proc/self/fd').length;

  it('twice, and use after it: a feed opens its files again, and the next close closes them', async () => {
    const before = openFiles();
    const open = openFeed(at('feed'));
    const first = await written(await judge(inventory, open));
    open.close();
    open.close();
    expect(openFiles()).toBe(before);
    expect(await written(await judge(inventory, open))).toEqual(first);
    open.close();
    expect(openFiles()).toBe(before);
  });

  it('while a judgement goes on: it ends with its result', async () => {
    const open = openFeed(at('feed'));
    const packages = Array.from({ length: 2000 }, (_, n) => ({ ...inventory.packages[0]!, name: `p${n}` }));
    const judging = judge({ ...inventory, packages }, open);
    setImmediate(() => open.close());
    const alone = await judge({ ...inventory, packages }, feed);
    expect((await judging).result.verdicts).toEqual(alone.result.verdicts);
    open.close();
  });

  it('an image twice', async () => {
    const opened = await openImage(`oci:${at('layout')}:1`);
    opened.close();
    opened.close();
    expect(await codeOf(() => readInventory(opened))).toMatch(/^(a result|IMAGE_UNREADABLE)$/);
  });

  it('a fleet twice, and use after it', async () => {
    const fleet = await openFleet(await newEmbedded());
    await fleet.close();
    await fleet.close();
    for (const work of [() => listFleet(fleet), () => runFleet(fleet, feed), () => fleetStatus(fleet)])
      await expect(work()).rejects.toMatchObject({ code: 'USAGE', message: 'the fleet is closed' });
  }, 120_000);
});

it('a signal that was aborted before: nothing is done', async () => {
  const signal = AbortSignal.abort();
  const place = temporaryFolder();
  const none = join(place, 'none');
  for (const work of [
    () => judge(inventory, feed, { signal }),
    () => check(`dir:${none}`, feed, { signal }),
    () => checkPolicy(none, { signal }),
    () => listProfiles(feed, { signal }),
    () => openImage(`dir:${none}`, { signal }),
    () => explain(inventory, feed, 'CVE-2023-5363', undefined, { image, signal }),
    () => verifyFiles(`dir:${none}`, { signal }),
    () => comply(`dir:${none}`, { content: { file: none }, signal }),
    () => evalOval(`dir:${none}`, { content: none, signal }),
    () => exportFeed(feed, { out: none, targets: ['osv'], signal }),
    () => diff(feed, feed, { signal }),
    () => readSbom(none, { signal }),
    () => describeFile(none, { signal }),
    () => readResults(none, { signal }),
    () => validateFile(none, { signal }),
    () => checkFeed(none, { signal }),
    () => listSnapshots(none, { signal }),
    () => makeKeys(none, { passphrase: 'x'.repeat(30), signal }),
    () => openFleet(none, { signal }),
  ])
    await expect(work()).rejects.toMatchObject({ name: 'AbortError' });
  expect(readdirSync(place)).toEqual([]);
});

it('two at once, on one feed and on two: the same bytes', async () => {
  const other = openFeed(at('feed'));
  const scans = await Promise.all([feed, feed, other].map((one) => judge(inventory, one, { image })));
  const [first, ...others] = await Promise.all(scans.map(written));
  for (const one of others) expect(one).toEqual(first);
  other.close();
});
