import { dayMs, daysOld, isTooOld, undated } from '../model/data-date.ts';
import { ScapfeedError } from '../model/error.ts';
import type { FeedPlatform } from '../model/feed/index.ts';

/**
 * Returns the age of a platform's vendor data in whole days, as `daysOld`. `maxAge`: limit in milliseconds; undefined or 0: any age.
 * @throws {ScapfeedError} FEED_STALE
 */
export function ageInDays({ id, updated }: FeedPlatform, now: Date, maxAge?: number): number {
  const days = daysOld(updated, now);
  if (maxAge === undefined || !isTooOld(updated, now, maxAge)) return days;
  if (days < 0) throw fromFuture(id, updated, now);
  throw new ScapfeedError({
    code: 'FEED_STALE',
    message:
      updated === undated
        ? `the vendor data of ${id} has no date, so its age is unknown; the limit is ${maxAge / dayMs} days`
        : `the vendor data of ${id} is of ${updated}, ${days} days old; the limit is ${maxAge / dayMs} days`,
    remedy:
      updated === undated
        ? 'build the feed with the package indexes, whose dates are known, or accept any age with --max-age 0'
        : 'get newer data (`scapfeed pull` or `build`), or accept this with --max-age (0 for any age)',
  });
}

/** The age is unknown: one of the two clocks is wrong. */
function fromFuture(id: string, updated: string, now: Date): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_STALE',
    message: `the vendor data of ${id} is of ${updated}, and this machine's clock says ${now.toISOString()}: its age is unknown`,
    remedy: 'set the clock, get the feed again, or accept any age with --max-age 0',
  });
}
