import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { isHeld } from '../../src/fleet/store/sole-right.ts';
import { Views } from '../../src/fleet/view/fleet-view.ts';
import { runHere } from '../support/command.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import { serve } from '../support/http-server.ts';
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

const runOf = (place: string, feed: string, options: readonly string[] = []) =>
  start(place, 'run', feed, ['--max-age', '0', ...options]);

/** Milliseconds of a run that has everything to judge again. */
async function lengthOfRun(place: string, feed: string): Promise<number> {
  const started = performance.now();
  expect(await runOf(place, feed).ended).toBe(0);
  return performance.now() - started;
}

/** Kills at moments that are spread over the time of a run; each run is by the other feed than the one before. */
async function killOften(
  place: string,
  count: number,
  length: number,
  {
    options = [],
    kill,
  }: { options?: readonly string[]; kill(at: number, run: Started, since: Date): Promise<void> },
): Promise<void> {
  const random = randomNumbers(20 + (turn % 1000));
  for (let at = 0; at < count; at++) {
    const since = new Date();
    const run = runOf(place, feeds[at % 2]!, options);
    await pause(random() * length * 1.1);
    await kill(at, run, since);
    run.kill();
    await run.ended;
  }
}

async function hasBegun(place: string, since: Date): Promise<void> {
  const database = await openDatabase(place, new Date());
  while ((await database.query('SELECT FROM fleet.runs WHERE started >= $1', [since])).length === 0)
    await pause(20);
  await database.close();
}

/** Output of `fleet status` about the newest run, with its exit code. */
async function statusOf(place: string): Promise<string> {
  const { code, out } = await runHere(['fleet', 'status', '--database', place]);
  return `${/^run .*$/m.exec(out)?.[0].replace(/\d{4}-\S+Z/, 'THEN')}, exit ${code}`;
}

/** A run of an image whose registry does not answer: it has begun as soon as it asks, and does not end. */
async function runUntilAsked(place: string): Promise<Started & AsyncDisposable> {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const registry = await serve({ '/v2/app/manifests/1': () => resolve() });
  await addImages(place, [`${new URL(registry.origin).host}/app:1`]);
  const run = runOf(place, before);
  await Promise.race([
    asked,
    run.ended.then((code) => {
      throw new Error(`it ended with ${code}: ${run.said()}`);
    }),
  ]);
  return {
    ...run,
    async [Symbol.asyncDispose]() {
      run.kill();
      await run.ended;
      await registry[Symbol.asyncDispose]();
    },
  };
}

const interrupted = 'run 1, begun at THEN, was interrupted: the next run does what it left, exit 3';

/** The numbers of all runs, after one more. */
async function runsAfterOne(place: string): Promise<string[]> {
  expect((await night(place, before)).summary.run).toBe(2);
  const database = await openDatabase(place, new Date());
  const rows = await database.query<{ run: string }>(
    "SELECT id || ' ' || state AS run FROM fleet.runs ORDER BY id",
  );
  await database.close();
  return rows.map(({ run }) => run);
}

describe('a run that is killed', { timeout: 570_000 + kills * 30_000 }, () => {
  afterAll(endStarted);

  it('on the embedded store loses and doubles nothing', async () => {
    const place = await newEmbedded();
    await addImages(place, images);
    await night(place, before);
    const length = await lengthOfRun(place, after);

    await killOften(place, Math.ceil(kills / 3), length, { kill: async () => undefined });

    expect(await runOf(place, before).ended).toBe(0);
    await expectNewsOnce(place, before);
    await expectWhole(place, before);
  });

  it('on the embedded store was interrupted, and the next one has the next number', async () => {
    const place = await newEmbedded();
    {
      await using run = await runUntilAsked(place);
      run.kill();
      await run.ended;
    }
    expect(await statusOf(place)).toBe(interrupted);
    expect(await runsAfterOne(place)).toEqual(['1 broken', '2 finished']);
  });

  describe.runIf(hasPostgres())('on a server', () => {
    let postgres: Postgres;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres.stop());

    it('with workers that are killed too, and a server that loses its power, loses and doubles nothing, and sends once', async () => {
      const place = await postgres.newDatabase();
      const receiver = await openReceiver();
      const options = ['--webhook', `${receiver.url}/news`, '--allow-private-webhook'];
      await addImages(place, images);
      await night(place, before);
      const length = await lengthOfRun(place, after);

      const workers = feeds.map((feed) => start(place, 'worker', feed));
      await killOften(place, kills, length, {
        options,
        async kill(at, run, since) {
          // Every second run outlasts that once it has begun; the others are killed too.
          const outlasts = at % 6 === 1;
          if (outlasts) await hasBegun(place, since);
          if (at % 3 === 1) await postgres.kill();
          if (outlasts) expect(await run.ended, run.said()).toBe(0);
          if (at % 3 !== 2) return;
          // The one that has the feed of this run, and perhaps one of its jobs.
          workers[at % 2]!.kill();
          await workers[at % 2]!.ended;
          workers[at % 2] = start(place, 'worker', feeds[at % 2]!);
          // The run takes its job back after it was silent for half a minute, and ends.
          if (at % 24 === 23) expect(await run.ended, run.said()).toBe(0);
        },
      });

      for (const each of workers) each.kill();
      const last = feeds.map((feed) => start(place, 'worker', feed));
      expect(await runOf(place, before, options).ended).toBe(0);
      const telling = await expectNewsOnce(place, before);
      // The first was by a run without a receiver.
      await expectSent(place, receiver.posts, telling.slice(1));
      for (const each of last) each.end();
      expect(await Promise.all(last.map(({ ended }) => ended))).toEqual([0, 0]);
      receiver.close();
      await expectWhole(place, before);
    });

    it('is at work for others until it was interrupted, in words and on pages', async () => {
      const place = await postgres.newDatabase();
      const database = await openDatabase(place, new Date());
      const views = new Views(database, () => new Date(), 0);
      const onPages = async () => (await (await views.exact()).newestRun())?.state;
      {
        await using run = await runUntilAsked(place);
        expect(await statusOf(place)).toBe('run 1, begun at THEN, is at work, exit 3');
        expect(await onPages()).toBe('open');
        run.kill();
        await run.ended;
      }
      // The server ends the session, and with it the right to run, as soon as it sees that the process has gone.
      const isRunning = () => database.query<{ held: boolean }>(`SELECT ${isHeld('run')} AS held`);
      while ((await isRunning())[0]!.held) await pause(50);
      expect(await statusOf(place)).toBe(interrupted);
      expect(await onPages()).toBe('broken');
      await database.close();
      expect(await runsAfterOne(place)).toEqual(['1 broken', '2 finished']);
    });

    it('two runs at once: one of them works, the other says so', async () => {
      const place = await postgres.newDatabase();
      await addImages(place, images);
      await night(place, before);
      const codes = await Promise.all([runOf(place, after).ended, runOf(place, after).ended]);
      expect(codes.toSorted()).toEqual(codes.includes(3) ? [0, 3] : [0, 0]);
      await expectNewsOnce(place, after);
      await expectWhole(place, after);
    });
  });
});
