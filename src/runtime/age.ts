import { type FeedPlatform, ScapfeedError } from '../model/index.ts';

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
    message: `the vendor data of ${id} is of ${updated}, ${days} days old; allowed are ${maxAge / dayMs} days`,
    remedy: 'build the feed again, or accept older data with --max-age (0 for any age)',
  });
}
