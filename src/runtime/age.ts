import { type FeedPlatform, ScapfeedError, undated } from '../model/index.ts';

export const dayMs = 86_400_000;

/**
 * Returns the age of a platform's vendor data in whole days. `maxAge`: limit in milliseconds; undefined: any age.
 * @throws {ScapfeedError} FEED_STALE
 */
export function ageInDays({ id, updated }: FeedPlatform, now: Date, maxAge?: number): number {
  const age = now.getTime() - Date.parse(updated);
  const days = Math.max(0, Math.floor(age / dayMs));
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
