import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobCounts } from '../../src/fleet/queue/job-counts.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import {
  addToFleet,
  fleetNews,
  listFleet,
  openFeed,
  openFleet,
  runFleet,
  workForFleet,
} from '../../src/library/index.ts';
import { feedBelow, imagesOfVersions } from '../support/fleet-feeds.ts';
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts';
import { withFleet } from './support/with-fleet.ts';

describe.runIf(hasPostgres())('two workers of a fleet in a PostgreSQL server', { timeout: 240_000 }, () => {
  const images = imagesOfVersions(12);
  const folder = feedBelow('1.6');
  let server: Postgres;

  beforeAll(async () => {
    server = await startPostgres();
  }, 120_000);
  afterAll(() => server?.stop());

  /** A fleet's content without its times. */
  async function contentOf(place: string): Promise<unknown> {
    return withFleet(place, async (fleet) => {
      const [list, news] = [(await listFleet(fleet)).result, (await fleetNews(fleet)).result];
      const items = news.runs.flatMap((run) => run.items);
      return JSON.parse(
        JSON.stringify({ list, items }, (name, value: unknown) =>
          /^(date|read|started|finished|run)$/.test(name) ? 'a time' : value,
        ),
      );
    });
  }

  /** Two workers, each with a store and a feed of its own, as long as the work goes on. */
  async function withWorkers<T>(place: string, work: () => Promise<T>): Promise<T> {
    const control = new AbortController();
    const warnings: string[] = [];
    const working = [1, 2].map(async () => {
      const [fleet, feed] = [await openFleet(place), openFeed(folder)];
      try {
        await workForFleet(fleet, feed, {
          signal: control.signal,
          onWarning: (warning) => warnings.push(warning),
        });
      } finally {
        await fleet.close();
        feed.close();
      }
    });
    try {
      return await work();
    } finally {
      control.abort();
      // The signal ends the work; it does not fail it.
      await Promise.all(working);
      expect(warnings).toEqual([]);
    }
  }

  async function run(place: string, signal?: AbortSignal, onStep?: (step: string) => void) {
    const [fleet, feed] = [await openFleet(place), openFeed(folder)];
    try {
      return await runFleet(fleet, feed, {
        ...(signal && { signal }),
        ...(onStep && { onProgress: ({ step }) => onStep(step) }),
      });
    } finally {
      await fleet.close();
      feed.close();
    }
  }

  async function newFleet(): Promise<string> {
    const place = await server.newDatabase();
    const added = await withFleet(place, (fleet) => addToFleet(fleet, { images }));
    expect(added).toEqual({ added: images.length, known: 0 });
    return place;
  }

  it('share a run with the process that began it: the fleet is as after a run alone', async () => {
    const [alone, shared] = [await newFleet(), await newFleet()];
    const byOne = (await run(alone)).result;
    const byThree = await withWorkers(shared, async () => (await run(shared)).result);
    expect(byThree).toMatchObject({ read: byOne.read, unread: 0, judged: byOne.judged });
    expect(await contentOf(shared)).toEqual(await contentOf(alone));
  });

  it('finish the reading of a run that was cancelled, and the next run has the rest', async () => {
    const place = await newFleet();
    const control = new AbortController();
    const cancelled = run(place, control.signal, (step) => {
      if (step === 'reading images') control.abort();
    });
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    const database = await openDatabase(place, new Date());
    const left = async () => {
      const { waiting, active } = (await jobCounts(database)).read;
      return waiting + active;
    };
    try {
      expect(await left()).toBeGreaterThan(0);
      await withWorkers(place, async () => {
        while ((await left()) > 0) await pause(50);
      });
    } finally {
      await database.close();
    }
    await run(place);
    const alone = await newFleet();
    await run(alone);
    expect(await contentOf(place)).toEqual(await contentOf(alone));
  });
});
