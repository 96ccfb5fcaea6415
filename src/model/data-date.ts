import { ScapfeedError } from './error.ts';

/** The date of data whose documents have none: too old for every limit. */
export const undated = '1970-01-01T00:00:00Z';

/**
 * The date of a document that is made from data: that of the data, else of the newest data in the feed (`created`). Undefined: no
 * data has one, and none is invented.
 */
export function documentDate(updated: string, created = undated): string | undefined {
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

/** The day of a feed's or platform's data, for people. */
export function dataDay(updated: string): string {
  return updated === undated ? 'no date' : updated.slice(0, 10);
}

/** The words for data that is too old; null: it has no date, and is too old for every limit. */
export function oldDataText(ageDays: number | null): string {
  return ageDays === null ? 'its data has no date' : `its newest data is ${ageDays} days old`;
}
