import { promises, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { temporaryBeside } from './temporary.ts';
import { forgetUnfinished } from './unfinished.ts';

// Node loads `fs.promises` when it is asked for; a scan that writes no file saves the millisecond.

/**
 * Replaces a file atomically: a reader sees the old or the new content, also after a crash. `mode`: of the new file, by
 * default 0666 without the umask.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  mode?: number,
): Promise<void> {
  const { mkdir, rename, rm, writeFile } = promises;
  await mkdir(dirname(path), { recursive: true });
  const beside = temporaryBeside(path);
  try {
    await writeFile(beside, content, { flush: true, ...(mode === undefined ? {} : { mode }) });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  } finally {
    forgetUnfinished(beside);
  }
}

/** A file whose name is only known when its content is complete. */
export interface PendingFile {
  write(piece: Uint8Array): Promise<void>;
  /** Renames the file, by default after flushing it to the disk. */
  commit(path: string, flush?: boolean): Promise<void>;
  /** Removes what was written; does nothing after commit. */
  discard(): Promise<void>;
}

/** Begins a file in `folder`; the final name must be on the same file system. Private: not readable by others. */
export async function openPending(folder: string, { isPrivate = false } = {}): Promise<PendingFile> {
  const { mkdir, open, rename, rm } = promises;
  await mkdir(folder, { recursive: true, ...(isPrivate && { mode: 0o700 }) });
  const beside = temporaryBeside(`${folder}/pending`);
  const file = await open(beside, 'wx', isPrivate ? 0o600 : 0o666);
  let done = false;
  return {
    write: async (piece) => {
      await file.writeFile(piece);
    },
    commit: async (path, flush = true) => {
      if (flush) await file.sync();
      await file.close();
      await mkdir(dirname(path), { recursive: true });
      await rename(beside, path);
      forgetUnfinished(beside);
      done = true;
    },
    discard: async () => {
      if (done) return;
      await file.close().catch(() => undefined);
      await rm(beside, { force: true });
      forgetUnfinished(beside);
    },
  };
}

/** Removes files that killed runs left in a folder that no other process uses. */
export function removeTemporary(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.[0-9a-f]{12}\.tmp$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/** Removes what killed runs left of a file that no other process writes. */
export function removeTemporaryOf(path: string): void {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  for (const name of readdirSync(folder))
    if (name.startsWith(start) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(start.length)))
      rmSync(join(folder, name), { force: true });
}
