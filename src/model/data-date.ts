import { ScapfeedError } from './error.ts';

/** The date of data whose documents have none: too old for every limit. */
export const undated = '1970-01-01T00:00:00Z';

/**
 * The date of a document that is made from data: that of the data, else of the newest data in the feed (`created`). Undefined: no
 * data has one, and none is invented.
 */
export function documentDate(updated: string = undated, created = undated): string | undefined {
  return [updated, created].find((date) => date !== undated);
}

/** The date of a platform's XML, whose schemas want one: `undated` where no data of the feed has one. */
export function dateOfIndex({ updated, created }: { updated: string; created?: string }): string {
  return documentDate(updated, created) ?? undated;
}

/** The date of a document in a format that has none without one. @throws {ScapfeedError} FEED_LACKS_SOURCE */
export function requireDate(date: string | undefined, format: string): string {
  if (date !== undefined) return date;
  throw new ScapfeedError({
    code: 'FEED_LACKS_SOURCE',
    message: `${format} needs a date, and no data of this feed has one`,
    remedy: 'build the feed with the package indexes, with ratings or with SOURCE_DATE_EPOCH, which date it',
  });
}

/** The date of data as results have it. Undefined: its documents have none. */
export function knownDate(updated: string): string | undefined {
  return updated === undated ? undefined : updated;
}

/** The day of a feed's or platform's data, for people. */
export function dataDay(updated: string | undefined): string {
  return updated === undefined || updated === undated ? 'no date' : updated.slice(0, 10);
}

export const dayMs = 86_400_000;

/** Maximum lead of a vendor's clock over this machine's, in milliseconds. */
const clockTolerance = dayMs;

/** Age of data in whole days; negative if it is dated more than a day ahead: one of the two clocks is wrong, and its age is unknown. */
export function daysOld(updated: string, now: Date): number {
  const age = now.getTime() - Date.parse(updated);
  return age < -clockTolerance ? Math.floor(age / dayMs) : Math.max(0, Math.floor(age / dayMs));
}

/** True if data is older than a limit in milliseconds, or its age is unknown. A limit of 0 allows any age, as `--max-age 0` does. */
export function isTooOld(updated: string, now: Date, maxAge: number): boolean {
  const age = now.getTime() - Date.parse(updated);
  return maxAge > 0 && (age > maxAge || age < -clockTolerance);
}

/** True if a source that usually has newer data within so many days has had none for longer; data without a date is not known to. */
export function isFrozen(updated: string, at: Date, usualDays: number): boolean {
  return updated !== undated && at.getTime() - Date.parse(updated) > usualDays * dayMs;
}

/** The words for data that is too old; null: it has no date, and is too old for every limit. */
export function oldDataText(ageDays: number | null): string {
  if (ageDays === null) return 'its data has no date';
  return ageDays < 0 ? `its data is ${aheadText}` : `its newest data is ${ageDays} days old`;
}

export const aheadText = "dated ahead of this machine's clock";

/** ISO 8601 in whole seconds, as manifests and TUF metadata have it. */
export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
