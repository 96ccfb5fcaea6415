import type { Ignored, ScanResult } from '../../model/index.ts';
import { policyLines } from '../policy-text.ts';
import { plural } from '../text-table.ts';
import { flawsOf } from './flaws.ts';

/** Lines about what was put aside, by whom, and which exceptions did nothing. */
export function exceptionLines({ verdicts, exceptions = {} }: ScanResult, shown: boolean): string[] {
  return [...ignoredLines(verdicts, shown), ...policyLines(exceptions.policy)];
}

const words = {
  policy: 'ignored by the policy',
  vex: 'cleared by VEX',
  baseline: 'in the baseline',
} as const;

/** Why a flaw is put aside, for a cell of a table. */
export function ignoredText({ by, reason, until }: Ignored): string {
  return `${words[by]}: ${reason}${until === undefined ? '' : ` (until ${until})`}`;
}

function ignoredLines(verdicts: ScanResult['verdicts'], shown: boolean): string[] {
  return (['policy', 'vex', 'baseline'] as const).flatMap((by) => {
    const flaws = flawsOf(verdicts.filter(({ ignored }) => ignored?.by === by)).length;
    if (flaws === 0) return [];
    return [`${plural(flaws, 'flaw')} ${words[by]}${shown ? '' : ': --show-ignored lists them'}`];
  });
}
