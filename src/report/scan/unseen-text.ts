import { plural } from '../text-table.ts';
import type { ScanReport } from './report.ts';

/**
 * The flaws that a gate by severity cannot see, for formats that do not count unrated flaws; undefined: it sees all, or sees so
 * little that it is a gap of the result.
 */
export function unseenText({
  policy: { unseen },
  result: { gaps },
}: Pick<ScanReport, 'policy' | 'result'>): string | undefined {
  if (unseen === 0 || gaps.some(({ code }) => code === 'unrated_flaws')) return undefined;
  return `the gate cannot see ${plural(unseen, 'flaw')} without a rating`;
}

/** The same for formats that have no gaps of the result either; undefined: it sees all. */
export function blindnessText(report: Pick<ScanReport, 'policy' | 'result'>): string | undefined {
  return report.result.gaps.find(({ code }) => code === 'unrated_flaws')?.detail ?? unseenText(report);
}
