import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNews } from '../../src/fleet/news/read-news.ts';
import { jobCounts } from '../../src/fleet/queue/job-counts.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import type { NewsDocument } from '../../src/model/index.ts';
import { project } from '../support/cli.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import { expectScans } from '../support/fleet-equals-scan.ts';
import { feedBelow, flawNames, imagesOfVersions } from '../support/fleet-feeds.ts';
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts';
import { openReceiver } from '../support/receivers.ts';
import { noHome } from '../support/temporary.ts';

/** Kills at random moments, the same ones each time; more by hand: SCAPFEED_KILLS=100. */
const kills = Number(process.env['SCAPFEED_KILLS'] ?? 9);
const images = imagesOfVersions(12);

/** By the second feed half of the images are affected no more, and by the first one again: each run has something to judge. */
const feeds = [feedBelow('1.99'), feedBelow('1.6')] as const;
const [before, after] = feeds;

interface Started {
  ended: Promise<number | null>;
  kill(): void;
  end(): void;
}

function start(place: string, name: string, feed: string, options: readonly string[] = []): Started {
  const args = ['fleet', name, '--database', place, '--feed', feed, ...options];
  const started = spawn(process.execPath, [join(project, 'dist/cli.cjs'), ...args], {
    env: { PATH: process.env['PATH'], HOME: noHome() },
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => started.once('exit', resolve));
  return { ended, kill: () => started.kill('SIGKILL'), end: () => started.kill('SIGTERM') };
}

const runOf = (place: string, feed: string, options: readonly string[] = []) =>
  start(place, 'run', feed, ['--max-age', '0', ...options]);

/** Milliseconds of a run that has everything to judge again. */
async function lengthOfRun(place: string, feed: string): Promise<number> {
  const started = performance.now();
  expect(await runOf(place, feed).ended).toBe(0);
  return performance.now() - started;
}

/** What was told: each change once, by the run that ended after it, and the last state is that of the feed that judged last. */
async function expectNewsOnce(place: string, last: string): Promise<number[]> {
  const database = await openDatabase(place, new Date());
  const { runs } = await readNews(database, { run: 2 });
  await database.close();
  const telling = runs.filter(({ items }) => items.length > 0);
  const kinds = telling.map(({ items }) => {
    expect(items.map(({ vulnerability }) => vulnerability).sort()).toEqual(flawNames.toSorted());
    const told = new Set(items.map(({ kind, cause, images: seen }) => `${kind} ${cause} ${seen.length}`));
    expect(told.size).toBe(1);
    return [...told][0];
  });
  expect(kinds).toEqual(kinds.map((_, at) => (at % 2 === 0 ? 'fixed feed 6' : 'new feed 6')));
  expect(kinds.length % 2).toBe(last === after ? 1 : 0);
  return telling.map(({ run }) => run);
}

/** The verdicts are those of scans, each once; no job is left; and a further run finds nothing to do. */
async function expectWhole(place: string, feed: string): Promise<void> {
  const { summary } = await night(place, feed, [], async (fleet) => {
    await expectScans(fleet, images);
    const doubled = await fleet.database.query(
      'SELECT package, vulnerability FROM fleet.verdicts WHERE to_run IS NULL GROUP BY 1, 2 HAVING count(*) > 1',
    );
    expect(doubled).toEqual([]);
    for (const { waiting, active, failed } of Object.values(await jobCounts(fleet.database)))
      expect([waiting, active, failed]).toEqual([0, 0, 0]);
  });
  expect(summary).toMatchObject({ judged: 0, events: 0, unread: 0 });
}

/** Kills at moments that are spread over the time of a run; each run is by the other feed than the one before. */
async function killOften(
  place: string,
  count: number,
  length: number,
  { options = [], kill }: { options?: readonly string[]; kill(at: number, run: Started): Promise<void> },
): Promise<void> {
  const random = randomNumbers(20);
  for (let at = 0; at < count; at++) {
    const run = runOf(place, feeds[at % 2]!, options);
    await pause(random() * length * 1.1);
    await kill(at, run);
    run.kill();
    await run.ended;
  }
}

/** The same numbers each time. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('a run that is killed', { timeout: 300_000 + kills * 30_000 }, () => {
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
        async kill(at, run) {
          if (at % 3 === 1) await postgres.kill();
          if (at % 3 !== 2) return;
          // The one that has the feed of this run, and perhaps one of its jobs.
          workers[at % 2]!.kill();
          await workers[at % 2]!.ended;
          workers[at % 2] = start(place, 'worker', feeds[at % 2]!);
          // The run takes its job back after it was silent for half a minute, and ends.
          if (at % 24 === 23) expect(await run.ended).toBe(0);
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

type Receiver = Awaited<ReturnType<typeof openReceiver>>;

/** Each run that had news sent them; one that was killed in between sent them again under the same number. */
async function expectSent(place: string, posts: Receiver['posts'], runs: readonly number[]): Promise<void> {
  const database = await openDatabase(place, new Date());
  for (let tries = 0; ; tries++) {
    const waiting = await database.query(`SELECT FROM fleet.deliveries WHERE state <> 'sent'`);
    if (waiting.length === 0) break;
    expect(tries, 'seconds until all is sent').toBeLessThan(180);
    await pause(1000);
  }
  await database.close();
  const bodies = posts.map(({ body, headers }) => ({
    run: (JSON.parse(body) as NewsDocument).runs[0]!.run,
    delivery: headers['x-scapfeed-delivery'],
    body,
  }));
  expect([...new Set(bodies.map(({ run }) => run))].sort((a, b) => a - b)).toEqual(runs);
  expect(new Set(bodies.map(({ delivery }) => delivery)).size).toBe(runs.length);
  expect(new Set(bodies.map(({ body }) => body)).size).toBe(runs.length);
}
