import { isScapfeedError, type ScapfeedError } from '../model/index.ts';

const ofDatabase: ReadonlySet<string> = new Set(['DISK_FULL', 'DATABASE_UNUSABLE']);

/** The database is full, or went away: whatever else was tried would fail by it too. */
export function isOfDatabase(error: unknown): error is ScapfeedError {
  return isScapfeedError(error) && ofDatabase.has(error.code);
}

/**
 * What is done again and again, and outlasts a database that is full or away: told once, until it works again. Returns whether
 * it worked.
 */
export function outlasting(warn: (text: string) => void): (work: () => Promise<void>) => Promise<boolean> {
  let isTold = false;
  return async (work) => {
    try {
      await work();
      isTold = false;
      return true;
    } catch (error) {
      if (!isOfDatabase(error)) throw error;
      if (!isTold) warn(error.message);
      isTold = true;
      return false;
    }
  };
}
