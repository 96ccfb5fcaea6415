import { ScapfeedError } from '../model/index.ts';

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
