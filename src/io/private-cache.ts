import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../model/environment.ts';
import { currentTime } from './clock.ts';
import { openPending } from './files.ts';

/** Limits on a folder; `bytes` in all. They may be exceeded by some files until the next one removes what is too much. */
export interface CacheBounds {
  files: number;
  bytes: number;
}

/**
 * Files of this user that can be made again, each sealed by a digest with its key. One is read only if it and the folder are
 * this user's alone and its digest is right.
 */
export class PrivateCache {
  readonly #folder: string;
  readonly #bounds: CacheBounds;

  constructor(folder: string, bounds: CacheBounds) {
    this.#folder = folder;
    this.#bounds = bounds;
  }

  /** Whether there is one, which may be none that can be trusted. */
  has(key: string): boolean {
    return existsSync(join(this.#folder, key));
  }

  /** Undefined: there is none that can be trusted. */
  read(key: string): Buffer | undefined {
    const path = join(this.#folder, key);
    try {
      if (!isPrivate(this.#folder) || !isPrivate(path)) return undefined;
      const bytes = readFileSync(path);
      const end = bytes.indexOf('\n');
      const content = bytes.subarray(end + 1);
      if (bytes.toString('latin1', 0, end) !== sealOf(key, content)) return undefined;
      const now = currentTime();
      utimesSync(path, now, now);
      return content;
    } catch {
      return undefined;
    }
  }

  /**
   * Keeps content; the files used longest ago go where it is too much. A full or read-only disk is no error: nothing is kept then.
   */
  async keep(key: string, content: Buffer): Promise<void> {
    if (content.length > this.#bounds.bytes / 4) return;
    try {
      const file = await openPending(this.#folder, { isPrivate: true });
      try {
        if (!isPrivate(this.#folder)) return;
        await file.write(Buffer.from(`${sealOf(key, content)}\n`));
        await file.write(content);
        // Not flushed: after a crash the seal of a file that is incomplete is wrong.
        await file.commit(join(this.#folder, key), false);
      } finally {
        await file.discard();
      }
      if (this.#isPruneDue(key, content.length)) this.#prune();
    } catch {}
  }

  /** To look at 2,000 files takes 4 ms of each new layer: one key in sixteen does, and what is large. Keys are digests. */
  #isPruneDue(key: string, size: number): boolean {
    return key.startsWith('0') || size > this.#bounds.bytes / 64;
  }

  #prune(): void {
    const files = readdirSync(this.#folder).flatMap((name) => {
      const path = join(this.#folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats?.isFile() ? [{ path, size: stats.size, used: stats.mtimeMs }] : [];
    });
    files.sort((a, b) => b.used - a.used);
    let total = 0;
    files.forEach(({ path, size }, at) => {
      total += size;
      if (at >= this.#bounds.files || total > this.#bounds.bytes) rmSync(path, { force: true });
    });
  }
}

/** The name of what was made of these facts. */
export function cacheKey(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

function sealOf(key: string, content: Buffer): string {
  return createHash('sha256').update(`${key}\n`).update(content).digest('hex');
}

/** No other user can have written it. */
function isPrivate(path: string): boolean {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return false;
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0);
}

/** The folder of this user's caches: `$XDG_CACHE_HOME/scapfeed`, `~/.cache` where the variable is not set. */
export function userCache(env: Environment): string {
  const home = env['HOME'] ?? process.getBuiltinModule('node:os').homedir();
  return join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'scapfeed');
}

/** The text in bytes of its own: V8 makes a part of a string by referring to the whole of it, which it keeps. */
export function ownText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
