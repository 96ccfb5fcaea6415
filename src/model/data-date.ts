/** The date of data whose documents have none: too old for every limit. */
export const undated = '1970-01-01T00:00:00Z';

/** The day of a feed's or platform's data, for people. */
export function dataDay(updated: string): string {
  return updated === undated ? 'no date' : updated.slice(0, 10);
}

/** The words for data that is too old; null: it has no date, and is too old for every limit. */
export function oldDataText(ageDays: number | null): string {
  return ageDays === null ? 'its data has no date' : `its newest data is ${ageDays} days old`;
}
