import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { parseCommand } from '../../src/cli/command.ts';
import { fleetRun } from '../../src/cli/commands/fleet/run.ts';
import { fleetTools } from '../../src/cli/fleet-tools.ts';
import { openChosenFeed } from '../../src/cli/options/feed-choice.ts';
import { runChoice } from '../../src/cli/options/fleet-run.ts';
import type { FleetContext } from '../../src/fleet/fleet.ts';
import { readNews } from '../../src/fleet/news/read-news.ts';
import { fleetIn } from '../../src/fleet/open-fleet.ts';
import { Queue } from '../../src/fleet/queue/queue.ts';
import { runFleet } from '../../src/fleet/run.ts';
import type { Database } from '../../src/fleet/store/database.ts';
import { migrations } from '../../src/fleet/store/migrations.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { addNames, addWatch } from '../../src/fleet/store/watches.ts';
import type { FleetRunSummary, NewsItem } from '../../src/model/fleet/index.ts';
import { type CliResult, project } from './cli.ts';
import { runHere } from './command.ts';
import { silentTerminal } from './silent-terminal.ts';
import { keptFolder, noHome, temporaryFolder } from './temporary.ts';

/** A new embedded database without a table. PGlite takes seconds to make one, so one is kept and copied. */
export async function emptyEmbedded(): Promise<string> {
  return copied(await keptDatabase());
}

/**
 * A new store without a row: its tables and its queue are made once and copied, as they take a command most of its time. What
 * makes them from nothing is tested by `emptyEmbedded`, by the examples of the library and by the jobs.
 */
export async function newEmbedded(): Promise<string> {
  return copied(await keptStore());
}

/** Puts such a store where a command, or a function, is told to find it. */
export async function putStores(...folders: readonly string[]): Promise<void> {
  const store = await keptStore();
  for (const folder of folders) copyStore(store, folder);
}

const keptDatabase = () =>
  kept(`scapfeed-pglite-${versionOf('@electric-sql/pglite')}`, async (folder) => {
    await (await PGlite.create({ dataDir: folder })).close();
  });

function keptStore(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([migrations, versionOf('pg-boss')]));
  return kept(
    `scapfeed-slim-store-${versionOf('@electric-sql/pglite')}-${hash.digest('hex').slice(0, 12)}`,
    async (folder) => {
      copyStore(await keptDatabase(), folder);
      const database = await openDatabase(folder, new Date());
      const queue = await Queue.open(database, () => undefined);
      await queue.stop();
      await database.close();
      await slim(folder);
    },
  );
}

/**
 * Takes out of a store what no session of ours reads: the databases that new ones are made from, and the log of how this one was
 * made. Two thirds of its bytes and half of its files, which every copy would have.
 */
async function slim(folder: string): Promise<void> {
  const settings = ['wal_recycle=off', 'min_wal_size=32MB'].flatMap((setting) => ['-c', setting]);
  const server = await PGlite.create({
    dataDir: folder,
    startParams: [...PGlite.defaultStartParams, ...settings],
  });
  await server.exec('UPDATE pg_database SET datistemplate = false');
  for (const name of ['template0', 'template1']) await server.exec(`DROP DATABASE ${name}`);
  await server.exec('SELECT pg_switch_wal()');
  await server.exec('CHECKPOINT');
  await server.close();
}

/** A folder that outlives the run: the first test that needs it makes it. */
async function kept(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = keptFolder(name);
  if (existsSync(folder)) return folder;
  const made = mkdtempSync(join(dirname(folder), `${name}-new-`));
  await make(join(made, 'db'));
  try {
    renameSync(join(made, 'db'), folder);
  } catch {
    // Another test was first.
  }
  rmSync(made, { recursive: true, force: true });
  return folder;
}

function copied(database: string): string {
  const folder = join(temporaryFolder('fleet'), 'db');
  copyStore(database, folder);
  return folder;
}

/** A thousand files: Node's own copying takes four times as long. */
function copyStore(from: string, to: string): void {
  execFileSync('cp', ['-r', '--sparse=always', from, to]);
}

function versionOf(name: string): string {
  const file = join(project, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

export const quiet = silentTerminal({ HOME: noHome() });

/** A store that stays open while a test has it. `close` gives it back. */
export type HeldStore = Database & AsyncDisposable;

/** Open stores of this worker that no test has. */
const free: Database[] = [];

/**
 * An open store without a row, for tests of what nights leave in it. It may be one of an earlier test, emptied: that takes a tenth of
 * the time of opening one. `place`: a store of its own there, a folder or a server.
 */
export async function heldStore(place?: string): Promise<HeldStore> {
  const opened =
    (place === undefined && free.pop()) || (await openDatabase(place ?? (await newEmbedded()), new Date()));
  let isHeld = true;
  const close = async () => {
    if (!isHeld) return;
    isHeld = false;
    if (place !== undefined) return opened.close();
    await empty(opened);
    free.push(opened);
  };
  return { ...opened, close, [Symbol.asyncDispose]: close };
}

/** Takes every row out of a store and of its queue, the kept ones of the audit log too. Truncating would make a new file for each table. */
async function empty(store: Database): Promise<void> {
  await store.execute(`SET session_replication_role = replica;
    DO $$ DECLARE each text; BEGIN
      FOR each IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname IN ('fleet', 'fleet_queue') AND tablename NOT IN ('migrations', 'version', 'queue') LOOP
        EXECUTE 'DELETE FROM ' || each;
      END LOOP;
      PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
        FROM pg_sequences WHERE schemaname = 'fleet' AND last_value IS NOT NULL;
    END $$;
    SET session_replication_role = origin`);
}

/**
 * The commands of a fleet, in this process and on one store that stays open: opening it takes most of the time of a short command.
 * `scapfeed` runs the built ones, each of which opens it.
 */
export function fleetCommands(
  store: HeldStore,
  env: Readonly<Record<string, string>> = {},
): (name: string, ...args: string[]) => Promise<CliResult> {
  const openStore = async () => ({ ...store, close: async () => undefined });
  return (name, ...args) => runHere(['fleet', name, ...args], env, { openStore });
}

/** Does `work` in a store, which is opened for it if it is given by its place. */
async function inStore<T>(store: string | HeldStore, now: Date, work: (database: Database) => Promise<T>) {
  if (typeof store !== 'string') return work(store);
  const database = await openDatabase(store, now);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Adds images to a fleet, as `fleet add` does. */
export async function addImages(
  store: string | HeldStore,
  references: readonly string[],
  now = new Date(),
): Promise<void> {
  await inStore(store, now, async (database) => {
    for (const reference of references) {
      const { id } = await addWatch(database, { kind: 'image', place: reference }, now);
      await addNames(database, id, [reference], now);
    }
  });
}

/** Result of a night, with access to the store. */
export interface Night {
  summary: FleetRunSummary;
  news: readonly NewsItem[];
}

/** One run by a feed, with the options of `fleet run`. `look`: what is asked of the store before it is closed. */
export async function night(
  store: string | HeldStore,
  feedFolder: string,
  options: readonly string[] = [],
  look: (fleet: FleetContext) => Promise<void> = async () => undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<Night> {
  const given = parseCommand(fleetRun, ['--feed', feedFolder, '--max-age', '0', ...options])!.options;
  const feed = openChosenFeed(feedFolder, {});
  const tools = fleetTools('fleet run', given, { ...quiet, env: { ...quiet.env, ...env } }, given);
  try {
    return await inStore(store, tools.now(), async (database) => {
      const fleet = await fleetIn(database, feed, tools);
      try {
        const summary = (await runFleet(fleet, runChoice(given), { signed: false }))!;
        const { runs } = await readNews(database, { run: summary.run }, 'all');
        await look(fleet);
        return { summary, news: runs[0]!.items };
      } finally {
        await fleet.close();
      }
    });
  } finally {
    feed.close();
  }
}
