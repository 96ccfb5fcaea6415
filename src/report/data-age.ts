import { aheadText, dataDay } from '../model/data-date.ts';
import { plural } from './text-table.ts';

/** `2026-01-30, 3 days old`, for pages. */
export function dataAge({ updated, ageDays }: { updated?: string; ageDays?: number }): string {
  const day = dataDay(updated);
  return ageDays === undefined ? day : `${day}, ${ageText(ageDays)}`;
}

/** `3 days old`, by `daysOld`. */
export function ageText(days: number): string {
  return days < 0 ? aheadText : `${plural(days, 'day')} old`;
}
