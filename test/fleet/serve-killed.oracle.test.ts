import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/fleet/store/database.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { makeToken } from '../../src/fleet/store/tokens.ts';
import type { FleetStatus } from '../../src/model/fleet/index.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import {
  after,
  before,
  endStarted,
  expectNewsOnce,
  expectSent,
  expectWhole,
  feeds,
  images,
  kills,
  randomNumbers,
  type Started,
  start,
} from '../support/killing.ts';
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts';
import { openReceiver } from '../support/receivers.ts';
import { turn } from '../support/trials.ts';

const serve = (place: string, feed: string, options: readonly string[] = []) =>
  start(place, 'serve', feed, ['--listen', '127.0.0.1:0', '--max-age', '0', ...options]);

async function inStore<T>(place: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(place, new Date());
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** As if an hour had passed: the silence of a killed process, and the pauses before the next run and the next try, are over. */
const letTimePass = (place: string) =>
  inStore(place, (database) =>
    database.execute(
      `UPDATE fleet_queue.job SET heartbeat_on = now() - interval '1 hour' WHERE state = 'active';
       UPDATE fleet_queue.job SET start_after = now() WHERE state = 'retry';
       UPDATE fleet.runs SET started = started - interval '2 hours'`,
    ),
  );

type Status = Pick<FleetStatus, 'run' | 'unsent'>;

/** Waits until the status that a server shows is as wanted: an embedded store is open to its server alone. */
async function untilStatus(server: Started, token: string, isReached: (status: Status) => boolean) {
  const origin = /http\S+/.exec(await server.says(/serving .*\n/))![0];
  const headers = { authorization: `Bearer ${token}` };
  for (;;) {
    const answer = await fetch(`${origin}/api/v1/status`, { headers });
    expect(answer.status).toBe(200);
    if (isReached((await answer.json()) as Status)) return;
    await pause(100);
  }
}

/** Kills servers that do runs of their schedule and send news: at moments spread over starting, judging and sending. */
async function killServing(
  place: string,
  count: number,
  kill: (at: number, server: Started) => Promise<void> = async () => undefined,
): Promise<void> {
  const receiver = await openReceiver({ slow: 300 });
  const options = ['--every', '1h', '--webhook', `${receiver.url}/news`, '--allow-private-webhook'];
  const sent = async () => receiver.posts.length;
  await addImages(place, images);
  await night(place, before);
  await letTimePass(place);

  const began = performance.now();
  const first = serve(place, after, options);
  await first.says(/serving/);
  while ((await sent()) === 0) await pause(20);
  const length = performance.now() - began;
  first.kill();
  await first.ended;

  const random = randomNumbers(20 + (turn % 1000));
  for (let at = 0; at < count; at++) {
    await letTimePass(place);
    const server = serve(place, feeds[at % 2]!, options);
    await pause(random() * length * 1.1);
    await kill(at, server);
    server.kill();
    await server.ended;
  }

  await letTimePass(place);
  const { token, known } = await inStore(place, async (database) => ({
    token: (await makeToken(database, { name: 'reader', role: 'read' }, new Date()))!,
    known: (await database.query<{ id: number }>('SELECT max(id) AS id FROM fleet.runs'))[0]!.id,
  }));
  const last = serve(place, before, options);
  await untilStatus(last, token, ({ run }) => run!.number > known && run!.state === 'finished');
  last.end();
  expect(await last.ended).toBe(0);
  // Whoever is told to end sends no more: what it left is the next one's.
  await letTimePass(place);
  const sender = serve(place, before, options.slice(2));
  await untilStatus(sender, token, ({ unsent }) => unsent.length === 0);
  sender.end();
  expect(await sender.ended).toBe(0);
  await expectSent(place, receiver.posts, await expectNewsOnce(place, before));
  receiver.close();
  await expectWhole(place, before);
}

const inventoryOf = (at: number, packages: number) => ({
  image: { reference: `host-${at}`, layers: [] },
  os: { id: 'debian', versionId: '12', codename: 'bookworm', found: '/etc/os-release' },
  databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages }],
  packages: Array.from({ length: packages }, (_, number) => ({
    ...{ type: 'deb', name: `p${number}`, version: `1.${at % 90}`, arch: 'amd64' },
    ...{ source: { name: `p${number}`, version: `1.${at % 90}` }, database: '/var/lib/dpkg/status' },
  })),
  notes: [],
});

describe('a server that is killed', { timeout: 570_000 + kills * 30_000 }, () => {
  afterAll(endStarted);

  it('in runs and in sending, on the embedded store, loses and doubles nothing', async () => {
    await killServing(await newEmbedded(), Math.ceil(kills / 5));
  });

  describe.runIf(hasPostgres())('on a server of PostgreSQL', () => {
    let postgres: Postgres;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres.stop());

    it('in runs and in sending loses and doubles nothing, though PostgreSQL is killed too', async () => {
      const random = randomNumbers(7);
      await killServing(await postgres.newDatabase(), kills, async (at) => {
        if (at % 3 !== 1) return;
        await postgres.kill();
        await pause(random() * 2_000);
      });
    });

    it('while it takes in inventories keeps each whole or not at all, and all that it said it had', async () => {
      const place = await postgres.newDatabase();
      const token = await inStore(place, (database) =>
        makeToken(database, { name: 'hosts', role: 'write' }, new Date()),
      );
      const taken = new Set<string>();
      const random = randomNumbers(3);
      let length = 1_000;
      // The first is not killed, the second at once.
      const rounds = Math.max(3, Math.ceil(kills / 2));
      for (let round = 0; round < rounds; round++) {
        const server = serve(place, before);
        const origin = /http\S+/.exec(await server.says(/serving .*\n/))![0];
        const began = performance.now();
        const posts = [0, 1, 2].map(async (lane) => {
          for (let at = lane; at < 21; at += 3) {
            const inventory = inventoryOf(round * 21 + at, 400);
            const answer = await fetch(`${origin}/api/v1/inventories`, {
              method: 'POST',
              headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
              body: JSON.stringify(inventory),
            }).catch(() => undefined);
            if (answer) expect(answer.status).toBe(201);
            if (answer) taken.add(inventory.image.reference);
          }
        });
        // The first tells how long all of them take.
        if (round === 0) await Promise.all(posts);
        else await pause(random() * length);
        length = Math.max(length, round === 0 ? performance.now() - began : 0);
        server.kill();
        await server.ended;
        await Promise.all(posts);
      }
      // All of the first round, and what came before the kill in the others.
      expect(taken.size).toBeGreaterThanOrEqual(21);
      expect(taken.size).toBeLessThan(rounds * 21);
      await night(place, before, [], async ({ database }) => {
        const kept = await database.query<{ reference: string; packages: number; judged: number }>(
          `SELECT reference, cardinality(images.packages) AS packages,
             (SELECT count(DISTINCT vulnerability) FROM fleet.verdicts WHERE package = ANY(images.packages) AND to_run IS NULL)::integer AS judged
           FROM fleet.names LEFT JOIN fleet.name_images ON name = names.id AND until IS NULL LEFT JOIN fleet.images ON images.id = image`,
        );
        expect(new Set(kept.map(({ packages, judged }) => `${packages} ${judged}`))).toEqual(
          new Set(['400 40']),
        );
        const names = new Set(kept.map(({ reference }) => reference));
        expect([...taken].filter((reference) => !names.has(reference))).toEqual([]);
        const [orphans] = await database.query<{ count: number }>(
          'SELECT count(*)::integer AS count FROM fleet.images WHERE id NOT IN (SELECT image FROM fleet.name_images)',
        );
        expect(orphans!.count).toBe(0);
      });
    });

    it('two schedules with the same time of day do one run', { timeout: 120_000 }, async () => {
      const place = await postgres.newDatabase();
      await addImages(place, images);
      const later = new Date(Date.now() + 12 * 3_600_000);
      const at = `${String(later.getHours()).padStart(2, '0')}:${String(later.getMinutes()).padStart(2, '0')}`;
      const servers = [0, 1].map(() => serve(place, before, ['--at', at]));
      await Promise.all(servers.map((server) => server.says(/serving/)));
      const states = () =>
        inStore(place, (database) =>
          database.query<{ state: string }>('SELECT state FROM fleet.runs ORDER BY id'),
        );
      // Both plan the same night; then the time comes.
      const dawn = () =>
        inStore(place, (database) =>
          database.query(
            `UPDATE fleet_queue.job SET start_after = now() WHERE name = 'night' AND state = 'created' RETURNING id`,
          ),
        );
      while ((await dawn()).length === 0) await pause(100);
      while (!(await states()).some(({ state }) => state === 'finished')) await pause(100);
      // Longer than both wait between two looks.
      await pause(5_000);
      for (const server of servers) server.end();
      expect(await Promise.all(servers.map(({ ended }) => ended))).toEqual([0, 0]);
      expect(await states()).toEqual([{ state: 'finished' }]);
      const planned = await inStore(place, (database) =>
        database.query<{ due: Date }>(
          `SELECT start_after AS due FROM fleet_queue.job WHERE name = 'night' AND state = 'created'`,
        ),
      );
      expect(planned).toHaveLength(1);
      expect(planned[0]!.due.getTime()).toBeGreaterThan(Date.now() + 11 * 3_600_000);
    });
  });
});
