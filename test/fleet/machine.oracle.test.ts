import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readNews } from '../../src/fleet/news/read-news.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { project } from '../support/cli.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import { expectScans } from '../support/fleet-equals-scan.ts';
import { feedBelow, flawNames, imagesOfVersions } from '../support/fleet-feeds.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

const [before, after] = [feedBelow('1.99'), feedBelow('1.6')];
const images = imagesOfVersions(12);

function fleetRun(place: string, feed: string, before: readonly string[] = []) {
  const command = [...before, process.execPath, join(project, 'dist/cli.cjs')];
  const args = ['fleet', 'run', '--database', place, '--feed', feed, '--max-age', '0'];
  return spawnSync(command[0]!, [...command.slice(1), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: noHome(), DONT_FAKE_MONOTONIC: '1' },
  });
}

async function toldSince(place: string, run: number): Promise<string[]> {
  const database = await openDatabase(place, new Date());
  const { runs } = await readNews(database, { run }, 'all');
  await database.close();
  return runs
    .flatMap(({ items }) => items.map(({ kind, vulnerability }) => `${kind} ${vulnerability}`))
    .sort();
}

const fixedOnce = flawNames.map((name) => `fixed ${name}`).sort();

async function expectWhole(place: string): Promise<void> {
  const { summary } = await night(place, after, [], (fleet) => expectScans(fleet, images));
  expect(summary).toMatchObject({ judged: 0, events: 0, unread: 0 });
}

describe.skipIf(!isRoot())('a full disk', { timeout: 240_000 }, () => {
  const parent = temporaryFolder();
  const disk = join(parent, 'disk');
  const ballast = join(disk, 'ballast');
  beforeAll(() => {
    mkdirSync(disk);
    // The server is another user.
    chmodSync(parent, 0o755);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=755', 'tmpfs', disk]);
  });
  afterAll(() => {
    execFileSync('umount', ['-l', disk]);
  });

  /** Leaves this many bytes. */
  function fill(left: number): void {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)));
  }

  it('under the embedded store ends the run with an error, and the next one goes on', async () => {
    const place = join(disk, 'store');
    execFileSync('cp', ['-r', await newEmbedded(), place]);
    await addImages(place, images);
    await night(place, before);
    fill(100_000);
    const full = fleetRun(place, after);
    expect(full.stderr).toContain('[DISK_FULL]');
    expect(full.status).toBe(3);
    rmSync(ballast);

    expect(fleetRun(place, after)).toMatchObject({ status: 0 });
    expect(await toldSince(place, 2)).toEqual(fixedOnce);
    await expectWhole(place);
    rmSync(place, { recursive: true });
  });

  it.runIf(hasPostgres())('under a server too', async () => {
    const postgres = await startPostgres(join(disk, 'postgres'));
    onTestFinished(() => postgres.stop());
    const place = await postgres.newDatabase();
    await addImages(place, images);
    await night(place, before);
    fill(100_000);
    const full = fleetRun(place, after);
    expect(full.stderr).toMatch(/\[(?:DISK_FULL|DATABASE_UNUSABLE)\]/);
    expect([2, 3]).toContain(full.status);
    rmSync(ballast);
    await postgres.kill();

    expect(fleetRun(place, after)).toMatchObject({ status: 0 });
    expect(await toldSince(place, 2)).toEqual(fixedOnce);
    await expectWhole(place);
  });
});

describe.skipIf(!hasOracle('faketime'))(
  'a clock that is set back by three days',
  { timeout: 240_000 },
  () => {
    async function expectSame(place: string): Promise<void> {
      await addImages(place, images);
      await night(place, before);
      const back = fleetRun(place, after, ['faketime', '-f', '-3d']);
      expect(back.status, back.stderr).toBe(0);
      expect(await toldSince(place, 2)).toEqual(fixedOnce);
      await expectWhole(place);
      expect(await toldSince(place, 2)).toEqual(fixedOnce);
    }

    it('changes nothing for the embedded store', async () => expectSame(await newEmbedded()));

    describe.runIf(hasPostgres())('on a server', () => {
      let postgres: Postgres;
      beforeAll(async () => {
        postgres = await startPostgres();
      });
      afterAll(() => postgres.stop());

      it('changes nothing', async () => expectSame(await postgres.newDatabase()));
    });
  },
);
