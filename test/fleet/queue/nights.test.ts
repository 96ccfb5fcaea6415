import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Queue } from '../../../src/fleet/queue/queue.ts';
import { keepNights, nextNight } from '../../../src/fleet/serve/nights.ts';
import type { Database } from '../../../src/fleet/store/database.ts';
import { heldStore } from '../../support/fleet.ts';
import { testRunner } from '../../support/fleet-server.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';

const statements = [
  {
    vulnerability: 'CVE-2024-0001',
    package: 'a',
    status: 'affected',
    fixState: 'none_yet',
    severity: 'high',
  },
] as const;

describe('nights', { timeout: 120_000 }, () => {
  let database: Database | undefined;
  let queue: Queue | undefined;
  afterEach(async () => {
    await queue?.stop();
    await database?.close();
    queue = database = undefined;
  });

  const runs = async (): Promise<string[]> =>
    (await database!.query<{ state: string }>('SELECT state FROM fleet.runs ORDER BY id')).map(
      ({ state }) => state,
    );

  it('two schedulers at once do the run that is due once', async () => {
    database = await heldStore();
    queue = await Queue.open(database, () => undefined);
    const feed = writeSmallFeed([{ platform: bookworm, statements }]);
    const ending = new AbortController();
    const warnings: string[] = [];
    const parts = {
      database,
      queue,
      now: () => new Date(),
      warn: (text: string) => void warnings.push(text),
    };
    const schedulers = [1, 2].map(() =>
      keepNights(
        { ...parts, runner: testRunner(database!, queue!, feed), schedule: { every: 86_400_000 } },
        ending.signal,
      ),
    );
    while ((await runs())[0] !== 'finished') await pause(100);
    // Longer than both wait between two looks.
    await pause(5_000);
    ending.abort();
    await Promise.all(schedulers);
    expect(await runs()).toEqual(['finished']);
    expect(warnings).toEqual([]);
    const [planned] = await database.query<{ count: number; due: Date }>(
      `SELECT count(*)::integer AS count, max(start_after) AS due FROM fleet_queue.job WHERE name = 'night' AND state = 'created'`,
    );
    expect(planned!.count).toBe(1);
    expect(planned!.due.getTime()).toBeGreaterThan(Date.now() + 80_000_000);
  });

  it('a night that becomes due while a server plans the next one is not dropped', async () => {
    database = await heldStore();
    queue = await Queue.open(database, () => undefined);
    const [now, tomorrow] = [new Date(), new Date(Date.now() + 86_400_000)];
    await queue.planNight(tomorrow, now);
    await database.query(`UPDATE fleet_queue.job SET start_after = now() WHERE name = 'night'`);
    // By this server's clock, which was read before, the night is still to come.
    await queue.planNight(tomorrow, new Date(now.getTime() - 1000));
    expect(await queue.takeNight()).toBeDefined();
  });

  it('a night that becomes due within the transaction of a server that plans the next one is not dropped', async () => {
    const store = await heldStore();
    database = store;
    const query: Database['query'] = (statement, values) =>
      store.transaction(async (queries) => {
        if (/^\s*DELETE/.test(statement)) {
          await queries.query('SELECT pg_sleep(0.05)');
          await queries.query(
            `UPDATE fleet_queue.job SET start_after = clock_timestamp() WHERE name = 'night'`,
          );
        }
        return queries.query(statement, values);
      });
    const inTransactions = new Proxy(store, {
      get(target, name) {
        if (name === 'query') return query;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    queue = await Queue.open(inTransactions, () => undefined);
    const tomorrow = new Date(Date.now() + 86_400_000);
    await queue.planNight(tomorrow, new Date());
    await queue.planNight(tomorrow, new Date());
    expect(await queue.takeNight()).toBeDefined();
  });

  it('a night without a feed is told, and the next one is planned all the same', async () => {
    database = await heldStore();
    queue = await Queue.open(database, () => undefined);
    const ending = new AbortController();
    const warnings: string[] = [];
    const kept = keepNights(
      {
        ...{ database, queue, now: () => new Date(), warn: (text: string) => void warnings.push(text) },
        ...{ runner: testRunner(database, queue, '/nowhere'), schedule: { every: 86_400_000 } },
      },
      ending.signal,
    );
    while (warnings.length === 0) await pause(100);
    ending.abort();
    await kept;
    expect(warnings[0]).toMatch(/^the run of this night did not begin: no feed here/);
    const planned = await database.query(
      `SELECT FROM fleet_queue.job WHERE name = 'night' AND state = 'created'`,
    );
    expect(planned).toHaveLength(1);
  });

  it('a run that was told to end stays open, and the next one does it again', async () => {
    database = await heldStore();
    queue = await Queue.open(database, () => undefined);
    const feed = writeSmallFeed([{ platform: bookworm, statements }]);
    const ending = new AbortController();
    ending.abort();
    const runner = testRunner(database, queue, feed, ending.signal);
    await runner.start();
    await runner.settled();
    expect(await runs()).toEqual(['open']);
    const again = testRunner(database, queue, feed);
    expect(await again.start()).toBe(2);
    await expect(again.start()).rejects.toMatchObject({ code: 'FEED_LOCKED' });
    await again.settled();
    expect(await runs()).toEqual(['broken', 'finished']);
  });
});

it.each([
  ['2026-11-27T01:59:00', '2026-11-27T02:00:00'],
  ['2026-11-27T02:00:00', '2026-11-28T02:00:00'],
  ['2026-12-31T23:00:00', '2027-01-01T02:00:00'],
])('after %s, 02:00 is at %s', (now, next) => {
  expect(nextNight({ hour: 2, minute: 0 }, new Date(now))).toEqual(new Date(next));
});
