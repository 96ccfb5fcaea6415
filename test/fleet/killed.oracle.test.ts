import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNews } from '../../src/fleet/news/read-news.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { debianRelease, project, rootWith, stanza } from '../support/cli.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import { expectScans } from '../support/fleet-equals-scan.ts';
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { noHome } from '../support/temporary.ts';

/** Kills of each kind of process; more by hand: SCAPFEED_KILLS=100. */
const kills = Number(process.env['SCAPFEED_KILLS'] ?? 3);
const names = Array.from({ length: 40 }, (_, at) => `p${at}`);

const images = Array.from({ length: 12 }, (_, image) =>
  rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': names.map((name) => stanza(name, `1.${image}`)).join(''),
  }),
).map((root) => `dir:${root}`);

const feedOf = (fixed: string) =>
  writeSmallFeed([
    {
      platform: bookworm,
      statements: names.map((name, at) => ({
        vulnerability: `CVE-2024-${1000 + at}`,
        package: name,
        status: 'fixed' as const,
        fixed,
        severity: 'high' as const,
      })),
    },
  ]);

/** By the second feed half of the images are affected no more. */
const [before, after] = [feedOf('1.99'), feedOf('1.6')];

function start(place: string, name: string, ...options: string[]) {
  const args = ['fleet', name, '--database', place, '--feed', after, ...options];
  const started = spawn(process.execPath, [join(project, 'dist/cli.cjs'), ...args], {
    env: { PATH: process.env['PATH'], HOME: noHome() },
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => started.once('exit', resolve));
  return { ended, kill: () => started.kill('SIGKILL'), end: () => started.kill('SIGTERM') };
}

const runToEnd = (place: string) => start(place, 'run', '--max-age', '0').ended;

/** What was told since the first run: each change once. */
async function expectNewsOnce(place: string): Promise<void> {
  const database = await openDatabase(place, new Date());
  const { runs } = await readNews(database, { run: 2 });
  await database.close();
  const items = runs.flatMap((run) => run.items);
  expect(items.map(({ vulnerability }) => vulnerability).sort()).toEqual(
    names.map((_, at) => `CVE-2024-${1000 + at}`).sort(),
  );
  expect(new Set(items.map(({ kind, cause, images: seen }) => `${kind} ${cause} ${seen.length}`))).toEqual(
    new Set(['fixed feed 6']),
  );
}

/** The verdicts are those of scans, each once, and a further run finds nothing to do. */
async function expectWhole(place: string): Promise<void> {
  const { summary } = await night(place, after, [], async (fleet) => {
    await expectScans(fleet, images);
    const doubled = await fleet.database.query(
      'SELECT package, vulnerability FROM fleet.verdicts WHERE to_run IS NULL GROUP BY 1, 2 HAVING count(*) > 1',
    );
    expect(doubled).toEqual([]);
  });
  expect(summary).toMatchObject({ judged: 0, events: 0, unread: 0 });
}

/** Kills at moments that are spread over the time of a run. */
async function killOften(place: string, kill: (at: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < kills; at++) {
    const run = start(place, 'run', '--max-age', '0');
    await pause(300 + (2500 * (at + 1)) / kills);
    await kill(at);
    run.kill();
    await run.ended;
  }
}

describe('a run that is killed', { timeout: 300_000 }, () => {
  it('on the embedded store loses and doubles nothing', async () => {
    const place = await newEmbedded();
    await addImages(place, images);
    await night(place, before);

    await killOften(place, async () => undefined);

    expect(await runToEnd(place)).toBe(0);
    await expectNewsOnce(place);
    await expectWhole(place);
  });

  describe.runIf(hasPostgres())('on a server', () => {
    let postgres: Postgres;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres.stop());

    it('with two workers that are killed too, and a server that loses its power, loses and doubles nothing', async () => {
      const place = await postgres.newDatabase();
      await addImages(place, images);
      await night(place, before);

      await killOften(place, async (at) => {
        const worker = start(place, 'worker');
        await pause(600);
        worker.kill();
        await worker.ended;
        if (at % 2 === 1) await postgres.kill();
      });

      const workers = [start(place, 'worker'), start(place, 'worker')];
      expect(await runToEnd(place)).toBe(0);
      for (const worker of workers) worker.end();
      expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0]);
      await expectNewsOnce(place);
      await expectWhole(place);
    });

    it('two runs at once: one of them works, the other says so', async () => {
      const place = await postgres.newDatabase();
      await addImages(place, images);
      await night(place, before);
      const codes = await Promise.all([runToEnd(place), runToEnd(place)]);
      expect(codes.toSorted()).toEqual(codes.includes(3) ? [0, 3] : [0, 0]);
      await expectNewsOnce(place);
      await expectWhole(place);
    });
  });
});
