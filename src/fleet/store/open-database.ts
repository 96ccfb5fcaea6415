import { readdirSync } from 'node:fs';
import { ScapfeedError } from '../../model/error.ts';
import type { Database, Queries } from './database.ts';
import { migrations } from './migrations.ts';

/**
 * Opens the store: a folder, or a server by its URL. Its schema is brought to this version. `mustExist`: one that is not there is an
 * error, and is not made: what is read of it would look like an empty fleet. @throws {ScapfeedError} NOT_FOUND
 */
export async function openDatabase(place: string, now: Date, mustExist = false): Promise<Database> {
  if (mustExist && schemeOf(place) === undefined && isAbsent(place)) throw absent(place);
  const database = await open(place);
  try {
    if (mustExist && (await newest(database)) === 0) throw absent(database.place);
    await migrate(database, now);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function open(place: string): Promise<Database> {
  if (/^postgres(?:ql)?:\/\//i.test(place)) return (await import('./server.ts')).openServer(place);
  const scheme = schemeOf(place);
  if (scheme === undefined) return (await import('./embedded.ts')).openEmbedded(place);
  throw new ScapfeedError({
    code: 'USAGE',
    message: `expected a folder or postgres://..., found an address of ${scheme}`,
    where: '--database',
    remedy: 'specify a folder for the embedded database, or the URL of a PostgreSQL server',
  });
}

function schemeOf(place: string): string | undefined {
  return /^(postgres(?:ql)?(?=:)|[a-z][a-z0-9+.-]*(?=:\/\/))/i.exec(place)?.[1];
}

/** True for no folder and for an empty one. Others have errors of their own when they are opened. */
function isAbsent(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function absent(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'NOT_FOUND',
    message: 'there is no fleet here',
    where,
    remedy: 'specify its place with --database, or begin one with `scapfeed fleet add`',
  });
}

/** The same lock in every version: two processes that start at once must not both migrate. */
const migrationLock = 7_203_914_455_001;

/**
 * Applies the migrations that the database lacks, all in one transaction. Refuses a database of a later
 * scapfeed: its tables are unknown.
 */
async function migrate(database: Database, now: Date): Promise<void> {
  if ((await newest(database)) === migrations.length) return;
  await database.transaction(async (queries) => {
    await queries.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    await queries.execute(`
      CREATE SCHEMA IF NOT EXISTS fleet;
      CREATE TABLE IF NOT EXISTS fleet.migrations (number integer PRIMARY KEY, name text NOT NULL, applied timestamptz NOT NULL);
    `);
    const [{ number } = { number: 0 }] = await queries.query<{ number: number }>(lastNumber);
    if (number > migrations.length) throw tooNew(database, number);
    for (const [at, { name, sql }] of migrations.entries()) {
      if (at < number) continue;
      await queries.execute(sql);
      await queries.query('INSERT INTO fleet.migrations VALUES ($1, $2, $3)', [at + 1, name, now]);
    }
  });
}

const lastNumber = 'SELECT coalesce(max(number), 0)::integer AS number FROM fleet.migrations';

async function newest(database: Queries): Promise<number> {
  const [found] = await database.query<{ there: boolean }>(
    "SELECT to_regclass('fleet.migrations') IS NOT NULL AS there",
  );
  if (!found!.there) return 0;
  const [last] = await database.query<{ number: number }>(lastNumber);
  return last!.number;
}

function tooNew({ place }: Database, found: number): ScapfeedError {
  return new ScapfeedError({
    code: 'DATABASE_UNUSABLE',
    message: `expected a schema of at most ${migrations.length} migrations, found ${found}`,
    where: place,
    remedy: 'use the version of scapfeed that last used this database, or a newer one',
  });
}
