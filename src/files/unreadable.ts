import { isScapfeedError, ScapfeedError } from '../model/error.ts';
import type { InventoryNote } from '../model/inventory/index.ts';

/** The error for a package database that exists but cannot be read completely; no shorter inventory is returned instead. */
export function unreadable(where: string, message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'PACKAGE_DATABASE_UNREADABLE',
    message,
    where,
    remedy: 'restore the package database or rebuild the image: without it no verdict can be trusted',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Returns the result of `read`, or `otherwise` and a note if this user may not read a file that it needs. */
export function ifReadable<Result>(read: () => Result, otherwise: Result, notes: InventoryNote[]): Result {
  try {
    return read();
  } catch (error) {
    if (!isScapfeedError(error) || error.code !== 'IMAGE_UNREADABLE') throw error;
    notes.push({ code: 'unreadable_file', where: error.where ?? '/', detail: error.message });
    return otherwise;
  }
}
