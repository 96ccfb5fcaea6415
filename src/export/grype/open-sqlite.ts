import { closeSync, openSync, writeSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** Opens a new SQLite file for writing once: without a journal, because the file is put in place when it is whole. */
export function openSqlite(path: string): DatabaseSync {
  const { emitWarning } = process;
  // Node says that node:sqlite is experimental; the user has not chosen it.
  process.emitWarning = () => undefined;
  try {
    const { DatabaseSync: Database } = process.getBuiltinModule('node:sqlite');
    const database = new Database(path);
    database.exec('pragma page_size = 4096; pragma journal_mode = off; pragma synchronous = off;');
    return database;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Where the file says by which version of SQLite it was written last (file format, 1.3.14). */
const versionAt = 96;

/** Writes zero in place of SQLite's version, so that the bytes depend on the content only. Readers do not use it. */
export function forgetVersion(path: string): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, Buffer.alloc(4), 0, 4, versionAt);
  } finally {
    closeSync(file);
  }
}

/** SQLITE_FULL and SQLITE_IOERR_WRITE. */
const diskCodes: ReadonlySet<unknown> = new Set([13, 778]);

/** An error of SQLite about a full disk, as the file system would have it; any other error as it is. */
export function diskError(error: unknown): unknown {
  if (!(error instanceof Error) || !diskCodes.has((error as { errcode?: unknown }).errcode)) return error;
  return Object.assign(new Error(`ENOSPC: ${error.message}`, { cause: error }), { code: 'ENOSPC' });
}
