import { type Gap, openGaps, type PolicyOutcome, type ScanResult } from '../../model/verdict/index.ts';
import { gapWords } from '../gap-text.ts';
import { plural, thousands } from '../text-table.ts';
import type { ScanCounts } from './counts.ts';
import { unseenText } from './unseen-text.ts';

/** The gaps that a policy accepts, in words: the command does not end with 4 for them. `option`: what accepts them. */
export function acceptedTexts(gaps: readonly Gap[], allowUncovered: boolean, option: string): string[] {
  const open = new Set(openGaps(gaps, allowUncovered));
  return gaps.filter((gap) => !open.has(gap)).map((gap) => `${gapWords(gap)} (accepted by ${option})`);
}

/** Packages that the feed does not judge, without their kinds; undefined: there are none. */
export function unjudgedCount({ unjudged }: Pick<PolicyOutcome, 'unjudged'>): string | undefined {
  return unjudged > 0 ? `${plural(unjudged, 'package')} that the feed does not judge` : undefined;
}

/**
 * Limits of a result with an exit code other than 4, a phrase each: accepted gaps, packages that the feed does not judge, flaws that the gate
 * cannot see. Empty: everything was judged, or the scan ends with 4 and says so.
 */
export function leftOpen(report: { result: ScanResult; policy: PolicyOutcome }): string[] {
  const { result, policy } = report;
  if (policy.exitCode === 4) return [];
  return [
    acceptedTexts(result.gaps, policy.allowUncovered, '--allow-uncovered'),
    unjudgedCount(policy) ?? [],
    unseenText(report) ?? [],
  ].flat();
}

type Found = Pick<ScanCounts, 'flaws' | 'fixable' | 'filtered' | 'packages'>;

/** `3 flaws, 1 with a fix to install`. Without a flaw it says of what, unless everything was judged. */
export function foundText({ flaws, fixable, filtered, packages }: Found, isWhole: boolean): string {
  if (flaws > 0) return `${plural(flaws, 'flaw')}, ${thousands(fixable)} with a fix to install`;
  if (!isWhole && packages.judged === 0) return 'nothing was judged';
  const none = filtered > 0 ? 'no flaws among those asked for' : 'no flaws';
  return isWhole ? none : `${none} in ${plural(packages.judged, 'judged package')}`;
}
