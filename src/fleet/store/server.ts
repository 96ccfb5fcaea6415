import pg, { type Pool, type PoolClient } from 'pg';
import { networkReason } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Database, Queries } from './database.ts';
import { databaseError } from './database-error.ts';
import { giveRight, lockKey, takeRight } from './sole-right.ts';

/** Sessions of one process. Workers need one for a transaction, and one for the queue. */
const maxSessions = 6;

/** A PostgreSQL server by its URL, or by a socket's folder: `postgres:///fleet?host=/run/postgresql`. */
export async function openServer(url: string): Promise<Database> {
  const place = withoutPassword(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: maxSessions,
    application_name: 'scapfeed fleet',
    connectionTimeoutMillis: 15_000,
  });
  // A session that the server ends is replaced at the next statement, which says so if it cannot. Its own event would end the
  // process if nobody listened, and it can come with the very bytes that open the session.
  pool.on('error', ignored);
  pool.on('connect', (session) => session.on('error', ignored));
  const translated = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw databaseError(place, error);
    });
  try {
    (await pool.connect()).release();
  } catch (cause) {
    await pool.end();
    throw unreachable(place, cause);
  }
  return {
    kind: 'server',
    place,
    query: (statement, values) => translated(queriesOf(pool).query(statement, values)),
    execute: (statements) => translated(inSession(pool, (session) => queriesOf(session).execute(statements))),
    transaction: (work) => translated(inTransaction(pool, work)),
    alone: (name, work) => holding(pool, translated, name, work),
    vacuum: async () => undefined,
    close: () => pool.end(),
  };
}

function queriesOf(session: Pick<Pool | PoolClient, 'query'>): Queries {
  return {
    async query<Row extends object>(statement: string, values: readonly unknown[] = []) {
      return (await session.query<Row>(statement, [...values])).rows;
    },
    async execute(statements) {
      // An array for several statements, which is not in the types.
      const results: unknown = await session.query(statements);
      return [results].flat().flatMap((result) => (result as { rows: object[] }).rows);
    },
  };
}

function inTransaction<T>(pool: Pool, work: (queries: Queries) => Promise<T>): Promise<T> {
  return inSession(pool, async (session) => {
    await session.query('BEGIN');
    const result = await work(queriesOf(session));
    await session.query('COMMIT');
    return result;
  });
}

const ignored = () => undefined;

/** One session for several statements. After an error it is in no transaction, or thrown away. */
async function inSession<T>(pool: Pool, work: (session: PoolClient) => Promise<T>): Promise<T> {
  const session = await pool.connect();
  try {
    const result = await work(session);
    session.release();
    return result;
  } catch (error) {
    // If even this fails the session is thrown away, and the server rolls back.
    const failed = await session.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    session.release(failed);
    throw error;
  }
}

/**
 * Holds the right in one session during the work. Errors of `work` are passed on as they are, as they need not be the database's.
 */
async function holding<T>(
  pool: Pool,
  translated: <R>(work: Promise<R>) => Promise<R>,
  name: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const session = await translated(pool.connect());
  const key = lockKey(name);
  try {
    const [row] = await translated(queriesOf(session).query<{ held: boolean }>(takeRight, [key]));
    if (!row!.held) return undefined;
    try {
      return await work();
    } finally {
      await session.query(giveRight, [key]).catch(() => undefined);
    }
  } finally {
    session.release();
  }
}

/** Up to the last `@`, since a password whose `/`, `#` or `?` is not escaped is one all the same; parameters can be passwords too. */
export function withoutPassword(url: string): string {
  return url
    .replace(/^([a-z]+:\/\/[^/@:?#]*):.*@/is, '$1@')
    .replace(/([?&][^=&]*pass[^=&]*=)[^&]*/gi, '$1***');
}

function unreachable(place: string, cause: unknown): ScapfeedError {
  if ((cause as NodeJS.ErrnoException).code === 'ERR_INVALID_URL') {
    return new ScapfeedError({
      code: 'USAGE',
      message: 'the address of the database cannot be read',
      where: place,
      remedy:
        'write it as postgres://USER:PASSWORD@HOST:PORT/NAME, in the password %2F for /, %3F for ?, %23 for # and %25 for %',
    });
  }
  return new ScapfeedError({
    code: 'DATABASE_UNUSABLE',
    message: `the database cannot be reached: ${networkReason(cause)}`,
    where: place,
    remedy: 'check the address, that the server runs, and that this user may log in',
    cause,
  });
}
