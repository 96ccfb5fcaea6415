import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/cli/command.ts';
import { fleetRun } from '../../src/cli/commands/fleet/run.ts';
import { fleetTools } from '../../src/cli/fleet-tools.ts';
import { openChosenFeed } from '../../src/cli/options/feed-choice.ts';
import { runChoice } from '../../src/cli/options/fleet-run.ts';
import { openFleet } from '../../src/fleet/open-fleet.ts';
import { jobCounts } from '../../src/fleet/queue/job-counts.ts';
import { Queue } from '../../src/fleet/queue/queue.ts';
import { runFleet } from '../../src/fleet/run.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { lockKey } from '../../src/fleet/store/sole-right.ts';
import { addImages, night, quiet } from '../support/fleet.ts';
import {
  after,
  before,
  endStarted,
  expectNewsOnce,
  expectSent,
  expectWhole,
  images,
  start,
} from '../support/killing.ts';
import { isRoot } from '../support/oracles.ts';
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts';
import { openReceiver } from '../support/receivers.ts';
import { temporaryFolder } from '../support/temporary.ts';

const open: (() => void)[] = [];
afterAll(() => {
  endStarted();
  for (const close of open.reverse()) close();
});

async function started(folder?: string, ...making: string[]): Promise<Postgres> {
  const postgres = await startPostgres(folder, making);
  open.push(() => postgres.stop());
  return postgres;
}

// Most of their time, these tests wait for a server, a queue or a retry: they run beside each other.
describe.runIf(hasPostgres())('the server of a fleet', { concurrent: true, timeout: 300_000 }, () => {
  let lasting: Postgres;
  beforeAll(async () => {
    lasting = await started();
  });

  it('is restarted: a worker says so, waits, and does the jobs that come after', async () => {
    const postgres = await started();
    const place = await postgres.newDatabase();
    await addImages(place, images);
    await night(place, before);
    const worker = start(place, 'worker', after);
    await worker.says(/working for/);
    await postgres.kill();
    await worker.says(/the connection to the database was lost|the database system is/);

    // Nobody else is there to do it.
    const database = await openDatabase(place, new Date());
    const queue = await Queue.open(database, () => undefined);
    await queue.add('read', [{ run: 1, name: 1, reference: images[0] }]);
    for (let tries = 0; (await jobCounts(database)).read.waiting > 0; tries++) {
      expect(tries, 'tenths of a second until it is taken').toBeLessThan(1200);
      await pause(100);
    }
    await queue.stop();
    await database.close();
    expect(await start(place, 'run', after, ['--max-age', '0']).ended).toBe(0);
    worker.end();
    expect(await worker.ended).toBe(0);
    await expectNewsOnce(place, after);
    await expectWhole(place, after);
  });

  it.each(['reading images', 'judging packages', 'sending'] as const)(
    'is restarted during a run (%s): the run says so, waits, and ends as if nothing had been, with each change told once',
    async (moment) => {
      const postgres = await started();
      const place = await postgres.newDatabase();
      await addImages(place, images);
      await night(place, before);
      let restarted: Promise<void> | undefined;
      const restart = () => {
        restarted ??= postgres.kill('SIGQUIT');
        return restarted;
      };
      const receiver = await openReceiver({
        async before() {
          if (moment !== 'sending') return;
          void restart();
          await pause(200);
        },
      });
      open.push(() => receiver.close());

      const said: string[] = [];
      const given = parseCommand(fleetRun, [
        ...['--max-age', '0', '--webhook', `${receiver.url}/news`, '--allow-private-webhook'],
      ])!.options;
      const feed = openChosenFeed(after, {});
      const fleet = await openFleet(place, feed, {
        ...fleetTools('fleet run', given, quiet, given),
        warn: (text) => void said.push(text),
        progress: (step) => void (step === moment && restart()),
      });
      const summary = await runFleet(fleet, runChoice(given), { signed: false });
      await restarted;
      expect(summary).toMatchObject({ run: 2, read: 0, judged: images.length * 40, events: 40 });
      expect(said).toEqual([
        expect.stringMatching(
          /^the connection to the database was lost: .*; waiting for .* 5 minutes at most$/,
        ),
        'the database is back, and the work goes on',
      ]);
      await fleet.close();
      feed.close();
      // Jobs of the lost connection are given to others after half a minute without a sign: as if it were over.
      const later = await openDatabase(place, new Date());
      await later.query(`UPDATE fleet_queue.job SET heartbeat_on = heartbeat_on - interval '1 minute'`);
      await later.close();

      const worker = start(place, 'worker', after);
      await expectSent(place, receiver.posts, await expectNewsOnce(place, after));
      worker.end();
      await worker.ended;
      await expectWhole(place, after);
    },
  );

  it('keeps the session of a connection that was lost: the run waits until it is gone', async () => {
    const place = await lasting.newDatabase();
    await addImages(place, images);
    const other = new pg.Client({ connectionString: place });
    await other.connect();
    await other.query('BEGIN; LOCK TABLE fleet.verdicts');
    const said: string[] = [];
    const given = parseCommand(fleetRun, ['--max-age', '0'])!.options;
    const feed = openChosenFeed(before, {});
    const fleet = await openFleet(place, feed, {
      ...fleetTools('fleet run', given, quiet, given),
      warn: (text) => void said.push(text),
    });
    const run = runFleet(fleet, runChoice(given), { signed: false });
    const sessions = (what: string) =>
      other.query(
        `SELECT ${what} FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
    const isWaiting = async () => {
      // A transaction sees the sessions as they were when it first asked.
      await other.query('SELECT pg_stat_clear_snapshot()');
      return (await sessions(`bool_or(wait_event_type = 'Lock') AS yes`)).rows[0].yes;
    };
    while (!(await isWaiting())) await pause(50);
    await sessions('pg_terminate_backend(pid)');
    // As if the session of the run were there still.
    await other.query(`SELECT pg_advisory_lock(${lockKey('run')})`);
    await other.query('COMMIT');
    await pause(4_000);
    await other.end();
    expect(await run).toMatchObject({ run: 1, read: images.length });
    expect(said).toEqual([
      expect.stringMatching(/^the connection to the database was lost: /),
      'the database is back, and the work goes on',
    ]);
    await fleet.close();
    feed.close();
    await expectWhole(place, before);
  });

  it('ends in the middle of a transaction, or while a run holds its lock: that is an error, and not the end of the process', async () => {
    const postgres = await started();
    const database = await openDatabase(await postgres.newDatabase(), new Date());
    const lost = database.transaction(async (queries) => {
      await queries.query('SELECT 1');
      await postgres.kill();
      await queries.query('SELECT 1');
    });
    await expect(lost).rejects.toMatchObject({ code: 'DATABASE_UNUSABLE' });
    expect(
      await database.alone('run', async () => {
        await postgres.kill();
        return 'done';
      }),
    ).toBe('done');
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await database.close();
  });

  it('has given the right to run to another process: the run that lost it does not end as if it were whole', async () => {
    const place = await lasting.newDatabase();
    await addImages(place, images);
    const given = parseCommand(fleetRun, ['--max-age', '0'])!.options;
    const feed = openChosenFeed(before, {});
    const tools = fleetTools('fleet run', given, quiet, given);
    const fleet = await openFleet(place, feed, {
      ...tools,
      async read(...asked) {
        await fleet.database.query(`UPDATE fleet.runs SET state = 'broken'`);
        return tools.read(...asked);
      },
    });
    const lost = runFleet(fleet, runChoice(given), { signed: false });
    await expect(lost).rejects.toMatchObject({ code: 'FEED_LOCKED' });
    await fleet.close();
    feed.close();
    expect((await night(place, before)).summary).toMatchObject({ run: 2, read: images.length });
  });

  it.skipIf(!isRoot())(
    'has a full disk: the run says so and ends with 3, and the next one goes on, with nothing lost or told twice',
    async () => {
      const disk = temporaryFolder('disk');
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256m,mode=755', 'tmpfs', disk]);
      open.push(() => execFileSync('umount', ['--lazy', disk]));
      // Without room for the next segment of its log the server would end, as if it had lost its power: there is no next one.
      const postgres = await started(join(disk, 'postgres'), '--wal-segsize=64');
      const place = await postgres.newDatabase();
      await addImages(place, images);
      await night(place, before);

      const full = join(disk, 'full');
      // Each run has all to judge again, by the other feed than the last one that ended.
      for (const spare of [0, 100_000]) {
        const { bavail, bsize } = statfsSync(disk);
        writeFileSync(full, Buffer.alloc(bavail * bsize - spare));
        const run = start(place, 'run', after, ['--max-age', '0']);
        await run.says(/the disk of the database is full.*\[DISK_FULL\]/);
        expect(await run.ended).toBe(3);
        rmSync(full);
      }
      expect(await start(place, 'run', after, ['--max-age', '0']).ended).toBe(0);
      await expectNewsOnce(place, after);
      await expectWhole(place, after);
    },
  );
});
