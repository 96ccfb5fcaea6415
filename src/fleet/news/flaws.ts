import { type Severity, severities } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { flawKey, type HiddenClass, hiddenWords, isMalicious } from '../../model/verdict/index.ts';

/** The part of a verdict that news and counts are made of. */
export interface FlawVerdict {
  package: number;
  name: string;
  source: string;
  vulnerability: string;
  platform: string;
  status: string;
  fix_state: string | null;
  fixed_version: string | null;
  severity: string;
  exploited: boolean;
  hidden: string | null;
  marks: readonly string[];
}

/** Columns of a `FlawVerdict` where verdicts and packages are joined. */
export const flawColumns = `verdicts.package, packages.name, packages.source, vulnerability, platform, status, fix_state, fixed_version, severity,
  exploited, hidden, verdicts.marks`;

/** A flaw by the default view of a scan: the vendor calls the package affected, and nothing hides it. */
export function isOpenFlaw({ status, hidden }: Pick<FlawVerdict, 'status' | 'hidden'>): boolean {
  return status === 'affected' && hidden === null;
}

/** `affected, fixed in 1.2-3`; `affected, no fix yet`; `affected, no fix yet, not counted: rated unimportant`. */
export function flawText(verdict: FlawVerdict): string {
  const { status, hidden } = verdict;
  if (status !== 'affected' || hidden === null) return standingText(verdict);
  return `${standingText(verdict)}, not counted: ${hiddenWords[hidden as HiddenClass]}`;
}

function standingText({ status, fix_state: state, fixed_version: fixed, marks }: FlawVerdict): string {
  if (status === 'affected' && isMalicious({ marks })) return `${status}, malicious package: remove it`;
  if (state === 'available') return `${status}, fixed in ${fixed}`;
  if (state === null) return status.replaceAll('_', ' ');
  return `${status}, ${state === 'none_yet' ? 'no fix yet' : state.replaceAll('_', ' ')}`;
}

/** Open ones before others, then by urgency. */
export function byStanding(a: FlawVerdict, b: FlawVerdict): number {
  return Number(isOpenFlaw(b)) - Number(isOpenFlaw(a)) || byUrgency(a, b);
}

/** Flaws that are known to be exploited come first, whatever their rating; of one flaw, a package that has a fix. */
export function byUrgency(a: FlawVerdict, b: FlawVerdict): number {
  const rank = ({ severity }: FlawVerdict) => severities.indexOf(severity as Severity);
  const isFixable = ({ fix_state: state }: FlawVerdict) => state === 'available';
  return (
    Number(b.exploited) - Number(a.exploited) ||
    rank(b) - rank(a) ||
    compareCodeUnits(flawKey(a), flawKey(b)) ||
    Number(isFixable(b)) - Number(isFixable(a))
  );
}
