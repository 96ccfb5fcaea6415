import { aheadText, daysOld, ScapfeedError } from '../../model/index.ts';

/**
 * Refuses a list that is dated ahead of the fetch: no later list would be newer, and its age would be unknown.
 * @throws {ScapfeedError} SOURCE_MALFORMED
 */
export function requirePast(date: string, now: Date, where: string): void {
  if (daysOld(date, now) >= 0) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `the list is of ${date.slice(0, 10)}, ${aheadText}`,
    where,
    remedy: 'check the clock, or fetch it again later; the last good snapshot is kept',
  });
}
