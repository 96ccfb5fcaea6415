import { ScapfeedError } from '../model/error.ts';

/** Ends a remedy where a pull is refused: it changes nothing. */
export const feedStays = '; the feed in use is kept';

/** The remedy where the disk refuses what a pull writes. */
export const roomForPull: string = `free space or grant access, or specify another folder with --out DIR, and pull again${feedStays}`;

/** The error for a place that has no feed: none is kept there. */
export function withoutFeed(error: unknown): unknown {
  if (!(error instanceof ScapfeedError) || error.remedy?.endsWith(feedStays) !== true) return error;
  const { code, message, where, remedy } = error;
  const place = where === undefined ? {} : { where };
  return new ScapfeedError({
    code,
    message,
    ...place,
    remedy: remedy.slice(0, -feedStays.length),
    cause: error,
  });
}
