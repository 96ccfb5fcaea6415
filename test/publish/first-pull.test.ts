import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';
import { type CliOptions, runCli } from './support/cli.ts';
import { type Answer, makePublisher, type Publisher, send, writeNight } from './support/publisher.ts';
import { closeServers, lying, target } from './support/two-nights.ts';

let publisher: Publisher;
let other: Publisher;
const given = temporaryFolder('given');
const empty = join(given, 'empty');
const bundle = join(given, 'feed.bundle');
const roots = { right: join(given, 'root.json'), wrong: join(given, 'other.json') };
closeServers();

beforeAll(async () => {
  const now = new Date();
  publisher = await makePublisher(now);
  other = await makePublisher(now);
  for (const { publish } of [publisher, other]) await publish([writeNight(20)], { date: now });
  mkdirSync(empty);
  writeFileSync(roots.right, publisher.root);
  writeFileSync(roots.wrong, other.root);
  expect((await runCli(['bundle', '--from', publisher.site, '--out', bundle])).code).toBe(0);
});

/** An empty home: the feed, and what is beside it, are below it. */
function newHome() {
  const home = temporaryFolder();
  const env = { HOME: home, XDG_DATA_HOME: '', XDG_CONFIG_HOME: '' };
  return {
    pull: (args: readonly string[], options: CliOptions = {}) =>
      runCli(['pull', ...args], { env, ...options }),
    files: () => readdirSync(home, { recursive: true, encoding: 'utf8' }).sort(),
    trust: join(home, '.local/share/scapfeed/.feed.trust'),
  };
}

const from = (place: string, root?: keyof typeof roots) => [
  ...['--from', place],
  ...(root === undefined ? [] : ['--trust-root', roots[root]]),
];

/** Zeros of the signed length in place of a target. */
function tampered(): Record<string, Answer> {
  const { path, bytes } = target(publisher.site);
  return { [path]: send(Buffer.alloc(bytes.length)) };
}

const failures: [what: string, args: () => Promise<string[]> | string[], code: string][] = [
  ['a refused connection', () => from('http://127.0.0.1:9', 'right'), 'FETCH_FAILED'],
  ['a server without a feed', async () => from(await lying(empty, {}), 'right'), 'FETCH_NOT_FOUND'],
  ["another publisher's root", () => from(publisher.site, 'wrong'), 'TRUST_UNSIGNED'],
  ["another publisher's root for a bundle", () => from(bundle, 'wrong'), 'TRUST_UNSIGNED'],
  ['changed data', async () => from(await lying(publisher.site, tampered()), 'right'), 'TRUST_SWAPPED'],
  [
    'two mirrors, of which neither is one',
    async () => [
      ...['--from', join(given, 'gone')],
      ...from(await lying(publisher.site, tampered()), 'right'),
    ],
    'TRUST_SWAPPED',
  ],
  ['without a root', async () => from(await lying(publisher.site, {})), 'TRUST_ROOT_MISSING'],
  [
    'without a root, from an address where no feed is',
    async () => from(`${await lying(publisher.site, {})}/elsewhere`),
    'FETCH_NOT_FOUND',
  ],
  ['without a root, from an empty folder', () => from(empty), 'FETCH_NOT_FOUND'],
  [
    'an export that is not there',
    () => [...from(publisher.site, 'right'), '--export', 'trivy', '--into', join(given, 'cache')],
    'USAGE',
  ],
];

describe('a first pull that fails trusts nothing', () => {
  it.each(failures)('%s', async (_, args, code) => {
    const { pull, files } = newHome();
    const failed = await pull(await args());
    expect(failed).toMatchObject({
      code: code === 'USAGE' ? 2 : 3,
      err: expect.stringContaining(`[${code}]`),
    });
    expect(failed.err).not.toContain('kept');
    expect(files()).toEqual([]);

    // The root is needed as before, and the right one works with nothing to clean up.
    const plain = await pull(from(bundle));
    expect(plain).toMatchObject({ code: 3, err: expect.stringContaining('[TRUST_ROOT_MISSING]') });
    expect(plain.err).not.toContain('kept');
    const right = await pull(from(bundle, 'right'));
    expect(`${right.code} ${right.err}`).toBe('0 ');
  });

  it.each<[when: string, path: () => string]>([
    ['before its root has verified anything', () => 'metadata/timestamp.json'],
    ['while it fetches data', () => target(other.site).path],
  ])('one that is killed %s does not stand in the way of another root', async (_, path) => {
    const { pull } = newHome();
    const reached = new AbortController();
    const url = await lying(other.site, { [path()]: () => reached.abort() });
    const killed = await pull(from(url, 'wrong'), { killAfter: reached.signal });
    expect(killed.signal).toBe('SIGKILL');
    const right = await pull(from(bundle, 'right'));
    expect(`${right.code} ${right.err}`).toBe('0 ');
    const plain = await pull(from(publisher.site));
    expect(`${plain.code} ${plain.err}`).toBe('0 ');
  });

  it('one that is interrupted trusts nothing either', async () => {
    const { pull, files } = newHome();
    const reached = new AbortController();
    const { path } = target(publisher.site);
    const url = await lying(publisher.site, { [path]: () => reached.abort() });
    const ended = await pull(from(url, 'right'), { killAfter: reached.signal, killBy: 'SIGTERM' });
    expect(ended.signal).toBe('SIGTERM');
    expect(files().filter((name) => name.endsWith('.json'))).toEqual([]);
  });
});

describe('a later pull that fails', () => {
  it('keeps what was trusted, and says that the feed is kept', async () => {
    const { pull, trust } = newHome();
    expect((await pull(from(publisher.site, 'right'))).code).toBe(0);
    const documents = () =>
      readdirSync(trust)
        .filter((name) => name.endsWith('.json'))
        .map((name) => [name, readFileSync(join(trust, name), 'utf8')]);
    const before = documents();
    expect(before.map(([name]) => name)).toContain('timestamp.json');
    const refused = await pull(from(other.site));
    expect(refused).toMatchObject({
      code: 3,
      err: expect.stringMatching(/TRUST_UNSIGNED.*the feed in use is kept/s),
    });
    expect(documents()).toEqual(before);
    expect((await pull(from(bundle))).code).toBe(0);
  });
});
