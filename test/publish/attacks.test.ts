import { cpSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ScapfeedError } from '../../src/model/index.ts';
import type { Role } from '../../src/publish/keys/key-file.ts';
import { type KeyStore, openKeyStore } from '../../src/publish/keys/key-store.ts';
import { changeRoot, newestRoot } from '../../src/publish/keys/root.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { temporaryFolder } from '../support/small-feed.ts';
import {
  type Answer,
  cheapKey,
  daysLater,
  type HostileServer,
  iso,
  makePublisher,
  type Publisher,
  passphrase,
  pullInto,
  resign,
  send,
  serve,
  writeNight,
} from './support/publisher.ts';

/**
 * The attacks of the TUF specification (1.5.2) on a client that has pulled once, each by a server that lies.
 * Whatever comes, the error is told and the feed in use stays.
 */
let publisher: Publisher;
let older: string;
let newer: string;
const servers: HostileServer[] = [];

beforeAll(async () => {
  publisher = await makePublisher();
  await publisher.publish([writeNight(60)]);
  older = copyOf(publisher.site);
  await publisher.publish([writeNight(60, { 'package-0003': '2.0-1' })], { date: daysLater(1) });
  newer = copyOf(publisher.site);
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function copyOf(site: string): string {
  const copy = join(temporaryFolder(), 'site');
  cpSync(site, copy, { recursive: true });
  return copy;
}

/** A client that has the first night, or the second. */
async function client(site = older): Promise<string> {
  const out = join(temporaryFolder(), 'feed');
  await pullInto(out, site, { pinned: publisher.root, platforms: ['debian-12'], now: daysLater(1) });
  return out;
}

async function lying(site: string, answers: Readonly<Record<string, Answer>>): Promise<string> {
  const server = await serve(site, answers);
  servers.push(server);
  return server.url;
}

const metadata = (site: string, name: string) => readFileSync(join(site, 'metadata', name), 'utf8');
const target = (site: string, ending: string) => {
  const folder = join(site, 'targets/debian-12');
  const name = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) =>
    file.endsWith(ending),
  )!;
  return {
    path: `targets/debian-12/${name.replace(/[0-9a-f]{64}\./, '')}`,
    bytes: readFileSync(join(folder, name)),
  };
};

async function refused(out: string, url: string, code: string, now = daysLater(1)): Promise<ScapfeedError> {
  const before = realpathSync(out);
  const error = await pullInto(out, url, { now }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ScapfeedError);
  const told = error as ScapfeedError;
  expect(told.code, told.message).toBe(code);
  expect(told.exitCode).toBe(3);
  expect(told.where).toBeTruthy();
  expect(told.remedy).toBeTruthy();
  expect(realpathSync(out)).toBe(before);
  await checkFeed(out);
  return told;
}

describe('the attacks that the TUF specification names', () => {
  it('arbitrary software: content of the attacker under a name that was signed', async () => {
    const { path, bytes } = target(newer, '.json.br');
    const out = await client();
    await refused(
      out,
      await lying(newer, { [path]: send(Buffer.alloc(bytes.length, 0x41)) }),
      'TRUST_SWAPPED',
    );
  });

  it('arbitrary software: metadata signed by a key of the attacker', async () => {
    const attacker = await makePublisher();
    const forged = resign(metadata(newer, 'timestamp.json'), attacker.store, () => {});
    await refused(
      await client(),
      await lying(newer, { 'metadata/timestamp.json': send(forged) }),
      'TRUST_UNSIGNED',
    );
  });

  it('endless data: a target that does not end', async () => {
    const { path } = target(newer, '.json.br');
    await refused(await client(), await lying(newer, { [path]: endless }), 'FETCH_TOO_LARGE');
  });

  it('endless data: metadata that does not end', async () => {
    const url = await lying(newer, { 'metadata/timestamp.json': endless });
    await refused(await client(), url, 'FETCH_TOO_LARGE');
  });

  it('extraneous dependencies: a role that lists targets beside its own', async () => {
    const site = copyOf(newer);
    // A role signs only its own targets: one that reaches for others' is refused, however well it is signed.
    const role = metadata(site, roleFile(site, 'debian-12'));
    const reaching = resign(role, publisher.store, (part) => {
      (part['targets'] as Record<string, unknown>)['debian-13/manifest.json.br'] = {
        length: 1,
        hashes: { sha256: '0'.repeat(64) },
      };
    });
    await signChain(site, publisher.store, { 'debian-12': reaching });
    await refused(await client(), await lying(site, {}), 'TRUST_FOREIGN_CONTENT');
  });

  it('fast-forward: after stolen keys raised the versions, new keys bring clients back', async () => {
    const { site, store } = await copyOfPublisher();
    const stolen = copyOf(site);
    const raised = resign(metadata(stolen, 'timestamp.json'), store, (part) => {
      part['version'] = 2 ** 31;
    });
    writeFileSync(join(stolen, 'metadata/timestamp.json'), raised);
    const out = await client();
    await pullInto(out, stolen, { now: daysLater(1) });
    await refused(out, site, 'TRUST_ROLLBACK');
    await rotate(store, ['timestamp', 'snapshot']);
    await publisher.publish([writeNight(60, { 'package-0005': '9.0-1' })], {
      to: site,
      store,
      date: daysLater(1),
    });
    const outcome = await pullInto(out, site, { now: daysLater(1) });
    expect(outcome.platforms[0]!.how).not.toBe('unchanged');
  });

  it('indefinite freeze: a mirror that shows the same day for ever', async () => {
    const error = await refused(await client(), await lying(older, {}), 'TRUST_EXPIRED', daysLater(5));
    expect(error.message).toContain('2026-11-24');
  });

  it('malicious mirror: a good one is used in its place', async () => {
    const out = await client();
    const bad = await lying(newer, {
      'metadata/timestamp.json': send('<!doctype html><title>hello</title>'),
    });
    const outcome = await pullInto(out, [bad, newer], { now: daysLater(1) });
    expect(outcome).toMatchObject({ from: newer, passed: [expect.stringContaining('TRUST_NOT_METADATA')] });
  });

  it('mix-and-match: the old snapshot beside the new timestamp', async () => {
    const snapshot = metadata(older, '1.snapshot.json');
    await refused(
      await client(),
      await lying(newer, { 'metadata/2.snapshot.json': send(snapshot) }),
      'TRUST_SWAPPED',
    );
  });

  it('mix-and-match: the new timestamp without what it names', async () => {
    const gone: Answer = (response) => response.writeHead(404).end();
    await refused(await client(), await lying(newer, { 'metadata/2.snapshot.json': gone }), 'TRUST_SWAPPED');
  });

  it('rollback: yesterday again', async () => {
    await refused(await client(newer), await lying(older, {}), 'TRUST_ROLLBACK');
  });

  it('slow retrieval: a server that lets a transfer hang', async () => {
    const url = await lying(newer, {
      'metadata/timestamp.json': (response) => {
        response.writeHead(200, { 'content-length': 1000 }).write('{');
      },
    });
    await refused(await client(), url, 'FETCH_TIMEOUT');
  });

  it('key compromise: one stolen key of a role with a threshold of two signs nothing', async () => {
    const { site, store } = await copyOfPublisher();
    const second = cheapKey('timestamp');
    await store.save(second);
    await changeRoot(
      store,
      [store],
      { keys: store.keys(), thresholds: { timestamp: 2 }, expires: iso(daysLater(365)) },
      passphrase,
    );
    await publisher.publish([writeNight(60)], { to: site, store, date: daysLater(1) });
    const thief = openKeyStore(temporaryFolder());
    await thief.save(second);
    const forged = resign(metadata(site, 'timestamp.json'), thief, (part) => {
      part['version'] = 99;
    });
    await refused(
      await client(),
      await lying(site, { 'metadata/timestamp.json': send(forged) }),
      'TRUST_SIGNATURE_WRONG',
    );
  });

  it('key compromise: a revoked key signs nothing any more', async () => {
    const { site, store } = await copyOfPublisher();
    const stolen = openKeyStore(temporaryFolder());
    for (const key of store.keys()) await stolen.save(key);
    await rotate(store, ['timestamp']);
    await publisher.publish([writeNight(60)], { to: site, store, date: daysLater(1) });
    const forged = resign(metadata(site, 'timestamp.json'), stolen, (part) => {
      part['version'] = 99;
    });
    await refused(
      await client(),
      await lying(site, { 'metadata/timestamp.json': send(forged) }),
      'TRUST_UNSIGNED',
    );
  });

  it('wrong software: a genuine file of another platform in the place of the one asked for', async () => {
    const { path } = target(newer, '.json.br');
    const folder = join(newer, 'targets/debian-13/index');
    const other = readFileSync(
      join(folder, readdirSync(folder).find((name) => name.endsWith('debian-13.jsonl.br'))!),
    );
    expect(other.length).toBeLessThan(target(newer, '.json.br').bytes.length);
    const answer = await refused(
      await client(),
      await lying(newer, { [path]: send(other) }),
      'TRUST_TRUNCATED',
    );
    expect(answer.where).toContain('debian-12');
  });
});

describe('bad input', () => {
  it.each([
    ['expired', () => ({ site: older, answers: {}, now: daysLater(9) }), 'TRUST_EXPIRED'],
    [
      'unsigned',
      () => one('timestamp.json', (text) => JSON.stringify({ ...JSON.parse(text), signatures: [] })),
      'TRUST_UNSIGNED',
    ],
    [
      'wrongly signed',
      () => one('timestamp.json', (text) => text.replace('"version":2', '"version":3')),
      'TRUST_SIGNATURE_WRONG',
    ],
    ['truncated metadata', () => one('timestamp.json', (text) => text.slice(0, 200)), 'TRUST_TRUNCATED'],
    ['truncated snapshot', () => one('2.snapshot.json', (text) => text.slice(0, 200)), 'TRUST_TRUNCATED'],
    [
      'swapped',
      () => one('2.snapshot.json', (text) => text.replace('debian-12', 'debian-21')),
      'TRUST_SWAPPED',
    ],
    [
      'a role in the place of another',
      () => one('timestamp.json', () => metadata(newer, '2.snapshot.json')),
      'TRUST_SWAPPED',
    ],
    [
      'from the future',
      () =>
        signed('timestamp.json', (part) => {
          part['signed'] = '2031-01-01T00:00:00Z';
          part['version'] = 9;
        }),
      'TRUST_FROM_FUTURE',
    ],
    [
      'of another version of TUF',
      () =>
        signed(
          'timestamp.json',
          (part) => {
            part['version'] = 9;
          },
          (text) => text.replace('"spec_version":"1.0.31"', '"spec_version":"2.0.0"'),
        ),
      'FEED_FORMAT_UNSUPPORTED',
    ],
    [
      'a root that skips a version',
      () => ({ site: newer, answers: { 'metadata/2.root.json': send(skippedRoot()) }, now: daysLater(1) }),
      'TRUST_ROOT_SKIPPED',
    ],
    [
      'a server that answers 200 with HTML',
      () => one('2.root.json', () => '<!DOCTYPE html><html><title>registry</title></html>'),
      'TRUST_NOT_METADATA',
    ],
    [
      'a target that is HTML',
      () => ({
        site: newer,
        answers: { [target(newer, '.json.br').path]: htmlOfLength(target(newer, '.json.br').bytes.length) },
        now: daysLater(1),
      }),
      'TRUST_NOT_METADATA',
    ],
  ])('%s', async (_, make, code) => {
    const { site, answers, now } = make();
    await refused(await client(), await lying(site, answers), code, now);
  });

  it('a feed of another format version, rightly signed', async () => {
    const { site, store } = await copyOfPublisher();
    const feed = writeNight(60);
    const manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'));
    writeFileSync(join(feed, 'manifest.json'), JSON.stringify({ ...manifest, format: 1 }));
    await publisher.publish([feed], { to: site, store, date: daysLater(1) });
    await refused(await client(), site, 'FEED_FORMAT_UNSUPPORTED');
  });

  it('data from the future, rightly signed', async () => {
    const { site, store } = await copyOfPublisher();
    const feed = writeNight(60);
    const manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'));
    writeFileSync(
      join(feed, 'manifest.json'),
      JSON.stringify({ ...manifest, created: '2030-01-01T00:00:00Z' }),
    );
    await publisher.publish([feed], { to: site, store, date: daysLater(1) });
    await refused(await client(), site, 'TRUST_FROM_FUTURE');
  });

  it('nothing to trust: a first pull without a root', async () => {
    const out = join(temporaryFolder(), 'feed');
    await expect(pullInto(out, newer)).rejects.toMatchObject({ code: 'TRUST_ROOT_MISSING', exitCode: 3 });
  });

  it('another publisher at the old address', async () => {
    const other = await makePublisher();
    await other.publish([writeNight(60)], { date: daysLater(1) });
    await refused(await client(), await lying(other.site, {}), 'TRUST_UNSIGNED');
  });

  function one(name: string, change: (text: string) => string) {
    const before = name === '2.root.json' ? '' : metadata(newer, name);
    return { site: newer, answers: { [`metadata/${name}`]: send(change(before)) }, now: daysLater(1) };
  }

  function signed(
    name: string,
    change: (part: Record<string, unknown>) => void,
    edit: (text: string) => string = (text) => text,
  ) {
    const text = edit(resign(metadata(newer, name), publisher.store, change));
    return { site: newer, answers: { [`metadata/${name}`]: send(text) }, now: daysLater(1) };
  }

  function skippedRoot(): string {
    return resign(publisher.store.rootChain()[0]!, publisher.store, (part) => {
      part['version'] = 3;
    });
  }
});

const endless: Answer = (response) => {
  response.writeHead(200);
  const piece = Buffer.alloc(65_536, 0x20);
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more).on('error', () => {});
  more();
};

function htmlOfLength(length: number): Answer {
  return send('<!DOCTYPE html>'.padEnd(length, ' '));
}

function roleFile(site: string, role: string): string {
  const found = readdirSync(join(site, 'metadata')).filter((name) => name.endsWith(`.${role}.json`));
  return found.sort().at(-1)!;
}

/** A publisher whose online keys fell to the attacker: role, snapshot and timestamp signed anew around changed roles. */
async function signChain(site: string, store: KeyStore, changed: Record<string, string>): Promise<void> {
  const { fileInfo } = await import('../../src/publish/site/sign-site.ts');
  const snapshotText = metadata(site, roleFile(site, 'snapshot'));
  const meta: Record<string, unknown> = {};
  for (const [role, text] of Object.entries(changed)) {
    const version = 90;
    const body = resign(text, store, (part) => {
      part['version'] = version;
    });
    writeFileSync(join(site, 'metadata', `${version}.${role}.json`), body);
    meta[`${role}.json`] = { version, ...fileInfo(body) };
  }
  const snapshot = resign(snapshotText, store, (part) => {
    part['version'] = 90;
    part['meta'] = { ...(part['meta'] as object), ...meta };
  });
  writeFileSync(join(site, 'metadata/90.snapshot.json'), snapshot);
  const timestamp = resign(metadata(site, 'timestamp.json'), store, (part) => {
    part['version'] = 90;
    part['meta'] = { 'snapshot.json': { version: 90, ...fileInfo(snapshot) } };
  });
  writeFileSync(join(site, 'metadata/timestamp.json'), timestamp);
}

async function copyOfPublisher(): Promise<{ site: string; store: KeyStore }> {
  const folder = temporaryFolder();
  cpSync(publisher.store.directory, folder, { recursive: true });
  return { site: copyOf(newer), store: openKeyStore(folder) };
}

async function rotate(store: KeyStore, roles: readonly Role[]): Promise<void> {
  const root = newestRoot(store)!;
  const kept = store
    .keys()
    .filter((key) => root.signed.keys[key.keyid] && !key.roles.some((role) => roles.includes(role)));
  const made = roles.map((role) => cheapKey(role));
  for (const key of made) await store.save(key);
  await changeRoot(store, [store], { keys: [...kept, ...made], expires: iso(daysLater(365)) }, passphrase);
}
