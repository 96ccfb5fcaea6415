import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { readNews } from '../../src/fleet/news/read-news.ts';
import { jobCounts } from '../../src/fleet/queue/job-counts.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import type { NewsDocument } from '../../src/model/fleet/index.ts';
import { compiledOnce, project } from './cli.ts';
import { night } from './fleet.ts';
import { expectScans } from './fleet-equals-scan.ts';
import { feedBelow, flawNames, imagesOfVersions } from './fleet-feeds.ts';
import type { openReceiver } from './receivers.ts';
import { noHome } from './temporary.ts';
import { allTrials } from './trials.ts';

/** Kills at random moments, others by each commit: each kind of them, with the run, with PostgreSQL and with a worker. */
export const kills = allTrials ? 100 : 3;
export const images = imagesOfVersions(12);

/** By the second feed half of the images are affected no more, and by the first one again: each run has something to judge. */
export const feeds = [feedBelow('1.99'), feedBelow('1.6')] as const;
export const [before, after] = feeds;

export interface Started {
  ended: Promise<number | null>;
  kill(): void;
  end(): void;
  /** Resolves when stderr matches. */
  says(pattern: RegExp): Promise<string>;
  /** All that it has said so far, for a test that fails. */
  said(): string;
}

const children = new Set<ChildProcess>();

/** Ends the processes that failed tests left: workers would wait for their database for ever. */
export function endStarted(): void {
  for (const child of children) child.kill('SIGKILL');
}

export function start(place: string, name: string, feed: string, options: readonly string[] = []): Started {
  const args = ['fleet', name, '--database', place, '--feed', feed, ...options];
  const started = spawn(process.execPath, [join(project, 'dist/cli.cjs'), ...args], {
    env: { PATH: process.env['PATH'], HOME: noHome(), ...compiledOnce },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.add(started);
  let said = '';
  started.stderr.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  let hasEnded = false;
  const ended = new Promise<number | null>((resolve) =>
    started.once('exit', (code) => {
      children.delete(started);
      hasEnded = true;
      resolve(code);
    }),
  );
  return {
    ended,
    kill: () => started.kill('SIGKILL'),
    end: () => started.kill('SIGTERM'),
    said: () => said,
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(said)?.[0];
        if (found !== undefined) return found;
        if (hasEnded) throw new Error(`it ended and did not say ${pattern}: ${said}`);
        await pause(20);
      }
    },
  };
}

/** Checks the news: each change once, by the run that ended after it, and the last state is that of the feed that judged last. */
export async function expectNewsOnce(place: string, last: string): Promise<number[]> {
  const database = await openDatabase(place, new Date());
  const { runs } = await readNews(database, { run: 2 }, 'all');
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
export async function expectWhole(place: string, feed: string): Promise<void> {
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

/** The same numbers each time. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export type Receiver = Awaited<ReturnType<typeof openReceiver>>;

/** Each run that had news sent them; one that was killed in between sent them again under the same number. */
export async function expectSent(
  place: string,
  posts: Receiver['posts'],
  runs: readonly number[],
): Promise<void> {
  const database = await openDatabase(place, new Date());
  for (let tries = 0; ; tries++) {
    const waiting = await database.query(`SELECT FROM fleet.deliveries WHERE state <> 'sent'`);
    if (waiting.length === 0) break;
    expect(tries, 'tenths of a second until all is sent').toBeLessThan(1800);
    await pause(100);
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
