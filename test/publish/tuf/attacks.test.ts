import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KeyRole } from '../../../src/publish/keys/key-file.ts';
import { type KeyStore, openKeyStore } from '../../../src/publish/keys/key-store.ts';
import { changeRoot, newestRoot } from '../../../src/publish/keys/root.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import {
  type Answer,
  cheapKey,
  daysLater,
  endless,
  iso,
  makePublisher,
  passphrase,
  pullInto,
  resign,
  send,
  writeNight,
} from '../support/publisher.ts';
import {
  closeServers,
  copyOf,
  copyPublisher,
  lying,
  makeTwoNights,
  metadata,
  pulledClient,
  refused,
  roleFile,
  signChain,
  type TwoNights,
  target,
} from '../support/two-nights.ts';

/**
 * The attacks of the TUF specification (1.5.2) on a client that has pulled once, each by a server that lies.
 * Whatever comes, the error is told and the feed in use stays.
 */
let { publisher, older, newer } = {} as TwoNights;
const client = (site = older) => pulledClient(publisher, site);

beforeAll(async () => {
  ({ publisher, older, newer } = await makeTwoNights());
});
closeServers();

describe('the attacks that the TUF specification names', () => {
  it('arbitrary software: content of the attacker under a name that was signed', async () => {
    const { path, bytes } = target(newer);
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
    const { path } = target(newer);
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
    const { site, store } = copyPublisher(publisher, newer);
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
    await refused(await client(), await lying(newer, { [target(newer).path]: gone }), 'TRUST_SWAPPED');
  });

  it('rollback: yesterday again', async () => {
    await refused(await client(newer), await lying(older, {}), 'TRUST_ROLLBACK');
  });

  /** Pieces of a byte in time enough for any one of them, and never the whole. */
  const trickle: Answer = (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('{'), 50);
    response.on('close', () => clearInterval(timer));
  };
  const cut: Answer = (response, request) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0) response.writeHead(206, { 'content-range': `bytes ${from}-99999/100000` });
    response.write('{', () => setTimeout(() => response.destroy(), 20));
  };
  const first = () => target(newer).path;
  it.each<[string, () => string, Answer]>([
    [
      'lets the timestamp hang',
      () => 'metadata/timestamp.json',
      (response) => response.writeHead(200).write('{'),
    ],
    ['lets a target hang', first, (response) => response.writeHead(200).write('{')],
    ['sends the snapshot byte by byte', () => 'metadata/2.snapshot.json', trickle],
    ['sends a target byte by byte', first, trickle],
    ['cuts a target after each byte', first, cut],
  ])('slow retrieval: a server that %s', async (_, path, answer) => {
    await refused(await client(), await lying(newer, { [path()]: answer }), 'FETCH_TIMEOUT');
  });

  it('slow retrieval: a server that is a little late with each of many files', async () => {
    const requests: string[] = [];
    const late = Object.fromEntries(
      readdirSync(newer, { recursive: true, encoding: 'utf8' }).map((path): [string, Answer] => [
        path,
        (response) => {
          requests.push(path);
          const bytes = readFileSync(join(newer, path));
          setTimeout(() => response.writeHead(200).end(bytes), 350);
        },
      ]),
    );
    // None of them is late enough to be given up by itself: they share the time of two pauses of 500 ms.
    const start = performance.now();
    await refused(await client(), await lying(newer, late), 'FETCH_TIMEOUT');
    expect(requests.length).toBeGreaterThan(1);
    expect(performance.now() - start).toBeLessThan(4_000);
  });

  it('a slow link of 16 kB a second is waited for', async () => {
    const { path } = target(newer);
    const slow: Answer = (response, request) => {
      const bytes = readFileSync(join(newer, request.url!));
      response.writeHead(200, { 'content-length': bytes.length });
      let at = 0;
      const timer = setInterval(() => {
        response.write(bytes.subarray(at, at + 800));
        at += 800;
        if (at < bytes.length) return;
        clearInterval(timer);
        response.end();
      }, 50);
      response.on('close', () => clearInterval(timer));
    };
    const out = await client();
    const outcome = await pullInto(out, await lying(newer, { [path]: slow }), { now: daysLater(1) });
    expect(outcome.platforms[0]!.how).not.toBe('unchanged');
  });

  it('key compromise: one stolen key of a role with a threshold of two signs nothing', async () => {
    const { site, store } = copyPublisher(publisher, newer);
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
    const { site, store } = copyPublisher(publisher, newer);
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
    const { path } = target(newer);
    const folder = join(newer, 'targets/debian-13/index');
    const other = readFileSync(
      join(folder, readdirSync(folder).find((name) => name.endsWith('debian-13.jsonl.br'))!),
    );
    expect(other.length).toBeLessThan(target(newer).bytes.length);
    const answer = await refused(
      await client(),
      await lying(newer, { [path]: send(other) }),
      'TRUST_TRUNCATED',
    );
    expect(answer.where).toContain('debian-12');
  });
});

async function rotate(store: KeyStore, roles: readonly KeyRole[]): Promise<void> {
  const root = newestRoot(store)!;
  const kept = store
    .keys()
    .filter((key) => root.signed.keys[key.keyid] && !key.roles.some((role) => roles.includes(role)));
  const made = roles.map((role) => cheapKey(role));
  for (const key of made) await store.save(key);
  await changeRoot(store, [store], { keys: [...kept, ...made], expires: iso(daysLater(365)) }, passphrase);
}
