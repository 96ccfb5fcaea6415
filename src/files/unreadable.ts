import { ScapfeedError } from '../model/index.ts';

/** A package database that is there but cannot be trusted to be whole: never an empty or shorter inventory. */
export function unreadable(where: string, message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'PACKAGE_DATABASE_UNREADABLE',
    message,
    where,
    remedy: 'Restore the package database or rebuild the image: without it no verdict can be trusted.',
    ...(cause === undefined ? {} : { cause }),
  });
}
