import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/cli/command.ts';
import { fleetRun } from '../../../src/cli/commands/fleet/run.ts';
import { fleetTools } from '../../../src/cli/fleet-tools.ts';
import { Queue, retries } from '../../../src/fleet/queue/queue.ts';
import { keepSending } from '../../../src/fleet/serve/sending.ts';
import type { Database } from '../../../src/fleet/store/database.ts';
import { fleetStatus } from '../../../src/fleet/store/status.ts';
import { sendReady } from '../../../src/fleet/work.ts';
import { addImages, heldStore, night, quiet } from '../../support/fleet.ts';
import { feedBelow, imagesOfVersions } from '../../support/fleet-feeds.ts';
import { openMailServer, openReceiver } from '../../support/receivers.ts';

const given = parseCommand(fleetRun, [])!.options;

describe('news that a receiver does not take', { timeout: 120_000 }, () => {
  let database: Database | undefined;
  let queue: Queue | undefined;
  afterEach(async () => {
    await queue?.stop();
    await database?.close();
    queue = database = undefined;
  });

  /** A run whose news went nowhere, and what sends them again. */
  async function unsent(receiver: string) {
    const store = await heldStore();
    database = store;
    await addImages(store, imagesOfVersions(1));
    const options = ['--webhook', `${receiver}/news`, '--allow-private-webhook', '--mail', 'ops@example.org'];
    await night(store, feedBelow('1.99'), options);
    queue = await Queue.open(database, () => undefined);
    const warnings: string[] = [];
    const warn = (text: string) => void warnings.push(text);
    const tools = { ...fleetTools('fleet serve', given, quiet, given), warn };
    return { sender: { database, queue, tools }, warnings };
  }

  const letTimePass = () =>
    database!.query(`UPDATE fleet_queue.job SET start_after = now() WHERE name = 'news' AND state = 'retry'`);

  const pauses = async () =>
    (
      await database!.query<{ pause: number }>(
        `SELECT extract(epoch FROM start_after - now())::float8 AS pause FROM fleet_queue.job WHERE name = 'news' AND state = 'retry'`,
      )
    ).map(({ pause }) => pause);

  const states = () =>
    database!.query<{ kind: string; state: string; attempts: number }>(
      'SELECT kind, state, attempts FROM fleet.deliveries ORDER BY kind',
    );

  it('are sent again by servers after pauses that grow, and once', async () => {
    let isDown = true;
    const receiver = await openReceiver({ isDown: () => isDown });
    const { sender, warnings } = await unsent(receiver.url);
    let longest = 0;
    for (let tries = 2; tries < 6; tries++) {
      await letTimePass();
      await sendReady(sender);
      const found = await pauses();
      expect(found).toHaveLength(2);
      expect(Math.min(...found)).toBeGreaterThan(longest);
      longest = Math.max(...found);
      expect(await states()).toMatchObject([
        { kind: 'mail', state: 'waiting', attempts: tries },
        { kind: 'webhook', state: 'waiting', attempts: tries },
      ]);
    }
    expect((await fleetStatus(database!, new Date())).unsent).toMatchObject([
      { run: 1, kind: 'webhook', place: receiver.url, attempts: 5, isOver: false },
      { run: 1, kind: 'mail', place: 'ops@example.org', attempts: 5, isOver: false },
    ]);

    isDown = false;
    const mails = await openMailServer();
    const ending = new AbortController();
    const able = {
      ...sender,
      tools: { ...sender.tools, mail: { server: mails.url, from: 'fleet@example.org' } },
    };
    const senders = [able, able].map((each) => keepSending(each, ending.signal));
    await letTimePass();
    while ((await states()).some(({ state }) => state !== 'sent')) await pause(200);
    ending.abort();
    await Promise.all(senders);
    await sendReady(able);
    expect(receiver.posts).toHaveLength(1);
    expect(mails.received).toHaveLength(1);
    expect(warnings.filter((text) => !text.includes('is tried again'))).toEqual([]);
    expect((await fleetStatus(database!, new Date())).unsent).toEqual([]);
    receiver.close();
    mails.close();
  });

  it('are given up after many tries, which is told', async () => {
    const receiver = await openReceiver({ isDown: () => true });
    const { sender } = await unsent(receiver.url);
    for (let tries = 0; tries < retries.news.retryLimit; tries++) {
      await letTimePass();
      await sendReady(sender);
    }
    expect(await pauses()).toEqual([]);
    expect((await fleetStatus(database!, new Date())).unsent).toMatchObject([
      { kind: 'webhook', attempts: 25, isOver: true, error: expect.stringContaining('503') },
      { kind: 'mail', attempts: 25, isOver: true },
    ]);
    receiver.close();
  });
});
