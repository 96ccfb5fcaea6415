import { chmodSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PGlite, PGliteOptions, Transaction } from '@electric-sql/pglite';
import { isExecutable, readEmbedded } from '../../io/embedded.ts';
import { takeLock } from '../../io/lock.ts';
import { makeFolders } from '../../io/staging.ts';
import { fileForFolder } from '../../io/system-reason.ts';
import { isScapfeedError, ScapfeedError } from '../../model/error.ts';
import { isOfDatabase } from '../outlasting.ts';
import type { Database, Queries } from './database.ts';
import { databaseError } from './database-error.ts';
import { giveRight, lockKey, takeRight } from './sole-right.ts';

/** Node's types do not have it. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<NonNullable<PGliteOptions['pgliteWasmModule']>>;
};

/**
 * It shares its memory with no other process: what PostgreSQL keeps for a hundred sessions, and of pages that the system caches
 * too, would be 130 MB of this process.
 */
const settings = ['shared_buffers=32MB', 'max_connections=4', 'wal_buffers=1MB', 'maintenance_work_mem=16MB'];

/**
 * Tables in which a night changes rows. A vacuum of all would take what PostgreSQL keeps of its own tables too, and the next process
 * could not open the database on a full disk.
 */
const changing = ['verdicts', 'uncovered', 'packages', 'image_counts', 'name_images', 'feed_lines'].map(
  (table) => `fleet.${table}`,
);

/**
 * PostgreSQL in this process, in a folder of this user's. It has one session and one process: a lock file beside the folder
 * keeps others out, because a second one would destroy it. @throws FEED_LOCKED
 */
export async function openEmbedded(folder: string): Promise<Database> {
  const { place, leave } = realFolder(resolve(folder));
  const release = lockOf(place, leave);
  let server: PGlite;
  try {
    requireOwnFolder(place);
    closeToOthers(place);
    requireOwner(place);
    const { PGlite: Server } = await loadPglite();
    server = await Server.create({
      dataDir: place,
      startParams: [...Server.defaultStartParams, ...settings.flatMap((setting) => ['-c', setting])],
      ...(isExecutable() && (await embeddedParts())),
    });
  } catch (cause) {
    release();
    leave();
    throw cause instanceof ScapfeedError ? cause : unusable(place, cause);
  }
  const held = new Set<string>();
  const translated = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw databaseError(place, error);
    });
  return {
    kind: 'embedded',
    place,
    query: (statement, values) => translated(queriesOf(server).query(statement, values)),
    execute: (statements) => translated(executeApart(server, statements)),
    transaction: (work) => translated(server.transaction((transaction) => work(queriesOf(transaction)))),
    async alone(name, work) {
      if (held.has(name)) return undefined;
      held.add(name);
      try {
        // The only session could take it twice, hence the names: the lock is for who asks the database whether a run is at work.
        await translated(server.query(takeRight, [lockKey(name)]));
        const done = await work();
        await server.query(giveRight, [lockKey(name)]).catch(() => undefined);
        return done;
      } catch (error) {
        // After an error of its own, such as a full disk, PostgreSQL in the process may never answer the next statement.
        if (!isOfDatabase(error)) await server.query(giveRight, [lockKey(name)]).catch(() => undefined);
        throw error;
      } finally {
        held.delete(name);
      }
    },
    async vacuum() {
      await translated(server.exec(`VACUUM ${changing.join(', ')}`));
    },
    async close() {
      await server.close();
      release();
      leave();
    },
  };
}

/** The remedy for a lock depends on its holder: a server does not end by itself. */
function lockOf(place: string, leave: () => void): () => void {
  try {
    return takeLock(`${place}.lock`);
  } catch (cause) {
    leave();
    if (!isScapfeedError(cause) || cause.code !== 'FEED_LOCKED') throw cause;
    const { code, message, where } = cause;
    throw new ScapfeedError({
      ...{ code, message, ...(where !== undefined && { where }), cause },
      remedy:
        'wait for it to end; if it is `scapfeed fleet serve`, ask its pages or API, or stop it; ' +
        'if that machine is gone for good, remove the lock file',
    });
  }
}

function queriesOf(session: Pick<PGlite | Transaction, 'query' | 'exec'>): Queries {
  return {
    async query<Row>(statement: string, values: readonly unknown[] = []) {
      return (await session.query<Row>(statement, [...values])).rows;
    },
    async execute(statements) {
      const results = await session.exec(statements);
      return results.flatMap(({ rows }) => rows as object[]);
    },
  };
}

/** A statement that fails in a transaction of its own must not leave the only session in it. */
async function executeApart(server: PGlite, statements: string): Promise<object[]> {
  try {
    return await queriesOf(server).execute(statements);
  } catch (error) {
    await server.exec('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** 27 MB that only fleets need: an optional dependency, which a user of a server can leave out. */
async function loadPglite() {
  try {
    return await import('@electric-sql/pglite');
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: 'the embedded database is not installed: npm left out optional dependencies',
      where: '@electric-sql/pglite',
      remedy: 'install scapfeed without --omit=optional, or specify a server with --database postgres://...',
      cause,
    });
  }
}

/** The files that PGlite needs besides its program, for the single executable, which has no files. */
async function embeddedParts() {
  const [pgliteWasmModule, initdbWasmModule] = await Promise.all(
    ['pglite.wasm', 'initdb.wasm'].map((name) => WebAssembly.compile(part(name))),
  );
  return {
    pgliteWasmModule: pgliteWasmModule!,
    initdbWasmModule: initdbWasmModule!,
    fsBundle: new Blob([part('pglite.data')]),
  };
}

/** `packages/pglite` is where scripts/package puts them. */
function part(name: string): Uint8Array<ArrayBuffer> {
  return readEmbedded(`packages/pglite/${name}`) as Buffer<ArrayBuffer>;
}

/** `leave`: removes it again if it was made and nothing came into it. Of a folder that is reached by links, the database and its lock are where the folder is: two links are one database. */
function realFolder(folder: string): { place: string; leave: () => void } {
  try {
    const leave = makeFolders(folder, 0o700);
    return { place: realpathSync(folder), leave };
  } catch (cause) {
    const file = fileForFolder(cause);
    if (file === undefined) throw unusable(folder, cause);
    throw new ScapfeedError({
      code: 'DATABASE_UNUSABLE',
      message: `the folder of the database cannot be made: ${file} is a file, not a folder`,
      where: folder,
      remedy: 'specify a folder with --database DIR',
      cause,
    });
  }
}

/**
 * PGlite makes its files with whatever the umask leaves, so the folder keeps others out. One that is not this user's, as a volume that
 * belongs to root, cannot be closed: there, nobody else may write.
 */
function closeToOthers(place: string): void {
  const self = process.getuid?.();
  if (self === undefined) return;
  const { uid, mode } = statSync(place);
  if (uid === self) {
    if ((mode & 0o077) !== 0) chmodSync(place, 0o700);
    return;
  }
  if (uid === 0 && (mode & 0o002) === 0) return;
  throw new ScapfeedError({
    code: 'DATABASE_UNUSABLE',
    message:
      uid === 0
        ? 'everybody may write into the folder of the database'
        : `the folder of the database belongs to another user (number ${uid}; this is ${self})`,
    where: place,
    remedy: 'specify a folder of this user with --database',
  });
}

/** A folder with other files, as a home is, does not become a database. One whose making was killed has some of its parts. */
function requireOwnFolder(place: string): void {
  const names = readdirSync(place);
  if (names.length === 0 || names.some((name) => ['PG_VERSION', 'base', 'global'].includes(name))) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'expected an empty folder or a database, found a folder with other files',
    where: place,
    remedy: 'specify a folder that only the fleet uses',
  });
}

/** Files that this process makes in another user's database would be closed to that user. A volume itself is often root's. */
function requireOwner(place: string): void {
  const self = process.getuid?.();
  const uid = statSync(join(place, 'PG_VERSION'), { throwIfNoEntry: false })?.uid;
  if (self === undefined || uid === undefined || uid === self) return;
  throw new ScapfeedError({
    code: 'DATABASE_UNUSABLE',
    message: `the database belongs to another user (number ${uid}; this is ${self})`,
    where: place,
    remedy: 'run this as that user, or specify another folder with --database',
  });
}

/** The file system of WebAssembly throws objects that are no Error, and have only a number. */
function messageOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  if (typeof cause !== 'object' || cause === null) return String(cause);
  const { message, errno } = cause as { message?: unknown; errno?: unknown };
  return message
    ? String(message)
    : `its files cannot be used (error ${String(errno ?? 'without a number')})`;
}

/** For files that PostgreSQL does not start with, PGlite reports only that it stopped. */
const stopped =
  /^(?:PGlite failed to initialize|Aborted\(|unreachable|memory access out of bounds|null function)/;

function unusable(place: string, cause: unknown): ScapfeedError {
  const text = messageOf(cause);
  const why = stopped.test(text) ? 'one of its files is damaged, missing or of another version' : text;
  return new ScapfeedError({
    code: 'DATABASE_UNUSABLE',
    message: `the database in this folder cannot be opened: ${why}`,
    where: place,
    remedy: 'check its owner and the free space, or restore a copy of the folder; see docs/fleet.md',
    cause,
  });
}
