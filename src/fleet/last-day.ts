import type { Severity } from '../model/feed/index.ts';
import type { SlaRules } from '../model/fleet/index.ts';
import { isOpenFlaw } from './news/flaws.ts';

/** The facts of a flaw in a package that decide its last day. */
export interface TimedFlaw {
  status: string;
  hidden: string | null;
  severity: string;
  exploited: boolean;
  /** Since when its fix can be installed. */
  fix_since: Date | null;
  first_seen: Date | null;
}

/** The last day (UTC) by which a flaw must be mended; null: it is not open, has no start, or has no limit. */
export function lastDayOf(flaw: TimedFlaw, rules: SlaRules | undefined): string | null {
  const start = rules?.from === 'seen' ? flaw.first_seen : flaw.fix_since;
  if (!rules || !start || !isOpenFlaw(flaw)) return null;
  const { [flaw.severity as Severity]: days = Infinity, exploited = Infinity } = rules.days;
  const least = Math.min(days, flaw.exploited ? exploited : Infinity);
  if (least === Infinity) return null;
  const day = new Date(start);
  day.setUTCDate(day.getUTCDate() + least);
  return day.toISOString().slice(0, 10);
}
