import { type Stats, utimesSync } from 'node:fs';
import { chmod, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { currentTime } from '../../io/clock.ts';
import { openPending, type PendingFile } from '../../io/files.ts';
import { userCache } from '../../io/private-cache.ts';
import type { Environment } from '../../model/environment.ts';
import { statOrNothing } from '../view/dir-view.ts';

/** Default size limit of the cache in bytes. */
const defaultCacheBytes = 4 * 1024 ** 3;

/** `$XDG_CACHE_HOME/scapfeed/blobs` */
export function defaultCacheFolder(env: Environment): string {
  return join(userCache(env), 'blobs');
}

/** Cached layers of registries, by digest; the least recently used are removed first. */
export class BlobCache {
  #folder: string;
  #maxBytes: number;

  constructor(folder: string, maxBytes = defaultCacheBytes) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  path(digest: string): string {
    return join(this.#folder, digest.replace(':', '-'));
  }

  /** True if a blob with this digest and size is there; it then counts as used. */
  has(digest: string, size: number): boolean {
    const path = this.path(digest);
    const stats = statOrNothing(path);
    if (!stats?.isFile() || stats.size !== size) return false;
    this.#touch(path);
    return true;
  }

  /** A cache owned by others can still be read. */
  #touch(path: string): void {
    const now = currentTime();
    try {
      utimesSync(path, now, now);
    } catch {}
  }

  /** If it cannot be removed, the error about the digest is still the one to report. */
  async remove(digest: string): Promise<void> {
    await rm(this.path(digest), { force: true }).catch(() => undefined);
  }

  /** Stores a blob while it is read; `keep` renames it once its digest has been verified. */
  record(digest: string, fetch: () => AsyncIterable<Buffer>): Recording {
    return new Recording(this.#folder, fetch, async (file) => {
      await file.commit(this.path(digest), false);
      await this.#shrink();
    });
  }

  fits(size: number): boolean {
    return size <= this.#maxBytes;
  }

  async #shrink(): Promise<void> {
    const files = await this.#files();
    let total = files.reduce((sum, { stats }) => sum + stats.size, 0);
    for (const { path, stats } of files.sort((a, b) => a.stats.mtimeMs - b.stats.mtimeMs)) {
      if (total <= this.#maxBytes) return;
      await rm(path, { force: true });
      total -= stats.size;
    }
  }

  async #files(): Promise<{ path: string; stats: Stats }[]> {
    const names = await readdir(this.#folder);
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        const stats = await stat(path).catch(() => undefined);
        return stats?.isFile() ? { path, stats } : undefined;
      }),
    );
    return found.filter((file) => file !== undefined);
  }
}

/** Layers of private images must not be readable by others, whatever the umask; folders of earlier versions were. */
async function openPrivate(folder: string): Promise<PendingFile> {
  const file = await openPending(folder, { isPrivate: true });
  await chmod(folder, 0o700).catch(() => undefined);
  return file;
}

/** If the cache cannot be written (a full or read-only disk), nothing is cached; that is not an error. */
class Recording {
  #folder: string;
  #fetch: () => AsyncIterable<Buffer>;
  #commit: (file: PendingFile) => Promise<void>;
  #file: PendingFile | undefined;

  constructor(
    folder: string,
    fetch: () => AsyncIterable<Buffer>,
    commit: (file: PendingFile) => Promise<void>,
  ) {
    this.#folder = folder;
    this.#fetch = fetch;
    this.#commit = commit;
  }

  readonly open = (): AsyncIterable<Buffer> => this.#watch();

  readonly keep = async (): Promise<void> => {
    await this.#quietly(this.#commit);
    this.#file = undefined;
  };

  readonly drop = async (): Promise<void> => {
    await this.#quietly((file) => file.discard());
    this.#file = undefined;
  };

  async *#watch(): AsyncGenerator<Buffer> {
    this.#file = await openPrivate(this.#folder).catch(() => undefined);
    let whole = false;
    try {
      for await (const piece of this.#fetch()) {
        const written = this.#quietly((file) => file.write(piece));
        yield piece;
        await written;
      }
      whole = true;
    } finally {
      if (!whole) await this.drop();
    }
  }

  async #quietly(act: (file: PendingFile) => Promise<void>): Promise<void> {
    const file = this.#file;
    if (!file) return;
    try {
      await act(file);
    } catch {
      this.#file = undefined;
      await file.discard().catch(() => undefined);
    }
  }
}
