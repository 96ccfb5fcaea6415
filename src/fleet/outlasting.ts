import { setTimeout as pause } from 'node:timers/promises';
import { isScapfeedError, type ScapfeedError } from '../model/error.ts';

const ofDatabase: ReadonlySet<string> = new Set(['DISK_FULL', 'DATABASE_UNUSABLE']);

/** The database is full, or went away: whatever else was tried would fail by it too. */
export function isOfDatabase(error: unknown): error is ScapfeedError {
  return isScapfeedError(error) && ofDatabase.has(error.code);
}

/**
 * Returns a function for periodic work that outlasts a database that is full or unreachable: the failure is reported once, until
 * it works again. The function returns whether the work succeeded.
 */
export function outlasting(warn: (text: string) => void): (work: () => Promise<void>) => Promise<boolean> {
  let isReported = false;
  return async (work) => {
    try {
      await work();
      isReported = false;
      return true;
    } catch (error) {
      if (!isOfDatabase(error)) throw error;
      if (!isReported) warn(error.message);
      isReported = true;
      return false;
    }
  };
}

/** Limits of `throughRestarts`; times in milliseconds. */
export interface RestartLimits {
  patience: number;
  tryEvery: number;
  /** A database that ends whenever the work is done would be tried for ever. */
  mostLosses: number;
}

/** A database with a standby needs a minute or two to be back; a restart needs seconds. */
const usualLimits: RestartLimits = { patience: 300_000, tryEvery: 2_000, mostLosses: 10 };

/**
 * The result of work that can be repeated: it is begun again when the connection to the database was lost. `work` calls `isBack` as
 * soon as the database answers. Throws the last error if that takes longer than the patience, or happens too often.
 */
export async function throughRestarts<T>(
  { warn, ending }: { warn(text: string): void; ending?: AbortSignal },
  work: (isBack: () => void) => Promise<T>,
  { patience, tryEvery, mostLosses }: RestartLimits = usualLimits,
): Promise<T> {
  let losses = 0;
  let lostAt: number | undefined;
  const isBack = () => {
    if (lostAt !== undefined) warn('the database is back, and the work goes on');
    lostAt = undefined;
  };
  for (;;) {
    try {
      return await work(isBack);
    } catch (error) {
      if (!isOfDatabase(error) || error.code !== 'DATABASE_UNUSABLE') throw error;
      if (lostAt === undefined) {
        lostAt = performance.now();
        losses += 1;
        if (losses <= mostLosses)
          warn(`${error.message}; waiting for the database, ${patience / 60_000} minutes at most`);
      }
      if (losses > mostLosses || performance.now() - lostAt >= patience) throw error;
    }
    await pause(tryEvery, undefined, { signal: ending }).catch(() => undefined);
    ending?.throwIfAborted();
  }
}
