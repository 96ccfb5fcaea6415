import { type FeedPlatform, ScapfeedError, undated } from '../model/index.ts';

export const dayMs = 86_400_000;

/** How far a vendor's clock may be ahead of this machine's. */
const clockTolerance = dayMs;

/**
 * Returns the age of a platform's vendor data in whole days. `maxAge`: limit in milliseconds; undefined: any age.
 * @throws {ScapfeedError} FEED_STALE
 */
export function ageInDays({ id, updated }: FeedPlatform, now: Date, maxAge?: number): number {
  const age = now.getTime() - Date.parse(updated);
  const days = Math.max(0, Math.floor(age / dayMs));
  if (maxAge !== undefined && age < -clockTolerance) throw fromFuture(id, updated, now);
  if (maxAge === undefined || age <= maxAge) return days;
  throw new ScapfeedError({
    code: 'FEED_STALE',
    message:
      updated === undated
        ? `the vendor data of ${id} has no date, so its age is unknown; the limit is ${maxAge / dayMs} days`
        : `the vendor data of ${id} is of ${updated}, ${days} days old; the limit is ${maxAge / dayMs} days`,
    remedy:
      updated === undated
        ? 'build the feed with the package indexes, whose dates are known, or accept any age with --max-age 0'
        : 'build the feed again, or accept older data with --max-age (0 for any age)',
  });
}

/** No age can be told of it: one of the two clocks is wrong. */
function fromFuture(id: string, updated: string, now: Date): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_STALE',
    message: `the vendor data of ${id} is of ${updated}, and this machine's clock says ${now.toISOString()}: its age is unknown`,
    remedy: 'set the clock, get the feed again, or accept any age with --max-age 0',
  });
}
