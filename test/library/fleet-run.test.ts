import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  addToFleet,
  listFleet,
  makeFleetToken,
  openFeed,
  runFleet,
  serveFleet,
  workForFleet,
} from '../../src/library/index.ts';
import { SignedImage } from '../signatures/support/signed-image.ts';
import { ecKeys, publicPem, signByKey, statementOf } from '../signatures/support/sigstore-instance.ts';
import { debianRelease, stanza } from '../support/cli.ts';
import { putStores } from '../support/fleet.ts';
import { openReceiver } from '../support/receivers.ts';
import { withFleet } from './support/with-fleet.ts';
import { command, workshop } from './support/workshop.ts';

let folder: string;
const at = (path: string) => join(folder, path);
const { publicKey, privateKey } = ecKeys();
let signed: string;
let unsigned: string;

const files = {
  'etc/os-release': debianRelease('12', 'bookworm'),
  'etc/small.conf': 'setting1 = yes\nsetting2 = no\n',
  'var/lib/dpkg/status': stanza('libssl3', '3.0.11-1~deb12u1', { Source: 'openssl' }),
  'var/lib/dpkg/info/libssl3:amd64.list': '/.\n',
};

beforeAll(async () => {
  folder = workshop();
  await putStores(...['theirs', 'ours', 'sending', 'served', 'refusing'].map(at));
  const image = new SignedImage('signed', files);
  image.attachBundle(image.manifest.digest, signByKey(statementOf(image.manifest.digest), privateKey));
  signed = `oci:${image.layout()}:1`;
  unsigned = `oci:${new SignedImage('unsigned', files).layout()}:1`;
  writeFileSync(at('key.pub'), publicPem(publicKey));
}, 300_000);

const asked = { profiles: ['standard'] };

it('signatures and profiles: a run by functions finds what one by commands finds', async () => {
  const theirs = (...args: string[]) =>
    command(folder, ['fleet', args[0]!, '--database', 'theirs', ...args.slice(1)], [0, 1, 4]);
  theirs('add', signed, unsigned);
  const content = ['--profile', 'standard', '--content', 'benchmark.xml'];
  const json = theirs(
    'run',
    '--feed',
    'feed',
    '--max-age',
    '0',
    '--signed-by',
    'key.pub',
    ...content,
    '-o',
    'json',
  );
  const { usage: _, ...summary } = JSON.parse(json) as Record<string, unknown>;
  const feed = openFeed(at('feed'));
  const ours = await withFleet(at('ours'), async (fleet) => {
    await addToFleet(fleet, { images: [signed, unsigned] });
    const how = { ...asked, content: at('benchmark.xml'), signers: { keys: [at('key.pub')] } };
    const night = await runFleet(fleet, feed, how);
    return [night.result, (await listFleet(fleet)).result];
  });
  feed.close();
  expect(lasting(ours[0])).toEqual(lasting(summary));
  expect(summary).toMatchObject({ unsigned: 1 });
  expect(lasting(ours[1])).toEqual(lasting(JSON.parse(theirs('list', '-o', 'json'))));
}, 300_000);

/** As JSON, without the times of a run. */
function lasting(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (name, each: unknown) =>
    /^(started|finished|seconds|date)$/.test(name) ? 'a time' : each,
  );
}

it('news go to receivers, signed, and private addresses are refused unless they are allowed', async () => {
  const receiver = await openReceiver();
  const feed = openFeed(at('feed'));
  try {
    await withFleet(at('sending'), async (fleet) => {
      await addToFleet(fleet, { images: [unsigned] });
      const night = await runFleet(fleet, feed, {
        receivers: [{ kind: 'webhook', place: receiver.url }],
        webhookSecret: 'secret',
        allowPrivateReceivers: true,
      });
      const { body, headers } = receiver.posts[0]!;
      expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(night.result.news)));
      const expected = createHmac('sha256', 'secret').update(body).digest('hex');
      expect(headers['x-scapfeed-signature']).toContain(expected);
      for (const wrong of [
        { kind: 'webhook', place: 'file:///etc/passwd' },
        { kind: 'mail', place: 'nobody' },
      ] as const)
        await expect(runFleet(fleet, feed, { receivers: [wrong] })).rejects.toMatchObject({ code: 'USAGE' });
      for (const platformMap of [{ kali: 'npm' }, { 'ol-9': 'debian-12' }])
        await expect(runFleet(fleet, feed, { platformMap })).rejects.toMatchObject({ code: 'USAGE' });
    });
  } finally {
    feed.close();
    await receiver.close();
  }
}, 240_000);

describe('serveFleet', () => {
  it('serves pages and API, does the runs that are asked for, and ends by its signal', async () => {
    await withFleet(at('served'), async (fleet) => {
      await addToFleet(fleet, { images: [unsigned] });
      const token = await makeFleetToken(fleet, 'ours', { role: 'write' });
      const control = new AbortController();
      let opened = 0;
      const feed = () => {
        opened += 1;
        return openFeed(at('feed'));
      };
      const server = await serveFleet(fleet, { feed, port: 0, signal: control.signal });
      const ask = (path: string, how: RequestInit = {}) =>
        fetch(`${server.origin}${path}`, { ...how, headers: { authorization: `Bearer ${token}` } });
      expect(server.isOpen).toBe(false);
      expect((await fetch(`${server.origin}/api/v1/images`)).status).toBe(401);
      expect((await ask('/api/v1/runs', { method: 'POST' })).status).toBe(202);
      await until(async () => {
        const { run } = (await (await ask('/api/v1/status')).json()) as { run: { state: string } | null };
        return run?.state === 'finished';
      });
      expect(await (await ask('/')).text()).toContain('<!doctype html>');
      const listed = await (await ask('/vulnerabilities?format=csv')).text();
      const id = /CVE-\d{4}-\d+/.exec(listed)?.[0];
      expect(await (await ask(`/vulnerabilities/${id}`)).text()).toContain('By the feed at hand');
      expect(opened).toBe(1);
      control.abort();
      await server.close();
      await expect(fetch(server.origin)).rejects.toThrow();
      expect((await listFleet(fleet)).result[0]?.platform).toBe('debian-12');
    });
  }, 240_000);

  it('refuses what cannot be, and leaves nothing open', async () => {
    await withFleet(at('refusing'), async (fleet) => {
      const feed = () => openFeed(at('feed'));
      for (const options of [
        { feed, host: '0.0.0.0' },
        { feed, at: { hour: 24, minute: 0 } },
        { feed, at: { hour: 2, minute: 0 }, every: 1000 },
        { feed, tls: { cert: 'none', key: 'none' } },
      ])
        await expect(serveFleet(fleet, { port: 0, ...options })).rejects.toMatchObject({ code: 'USAGE' });
      const signal = AbortSignal.abort();
      await expect(serveFleet(fleet, { feed, signal })).rejects.toMatchObject({ name: 'AbortError' });
      const first = await serveFleet(fleet, { feed, port: 0 });
      const port = Number(new URL(first.origin).port);
      await expect(serveFleet(fleet, { feed, port })).rejects.toMatchObject({ code: 'SYSTEM_REFUSED' });
      await first.close();
    });
  }, 240_000);
});

it('workForFleet is for servers of databases', async () => {
  const feed = openFeed(at('feed'));
  await withFleet(at('refusing'), async (fleet) => {
    const { signal } = new AbortController();
    await expect(workForFleet(fleet, feed, { signal })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(workForFleet(fleet, feed, {})).rejects.toMatchObject({ code: 'USAGE' });
  });
  feed.close();
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(50);
}
