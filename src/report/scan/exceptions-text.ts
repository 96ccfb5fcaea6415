import {
  type BaselineUse,
  countedFlaws,
  type Ignored,
  type ScanResult,
  type VexUse,
} from '../../model/verdict/index.ts';
import { policyLines } from '../policy-text.ts';
import { plural, thousands } from '../text-table.ts';

/** Lines about what was put aside, by whom, and which exceptions did nothing. */
export function exceptionLines({ verdicts, exceptions = {} }: ScanResult, shown: boolean): string[] {
  return [
    ...ignoredLines(verdicts, shown),
    ...notLiftedLines(verdicts),
    ...policyLines(exceptions.policy),
    ...(exceptions.vex ?? []).flatMap(vexLines),
    ...(exceptions.baseline ? [baselineLine(exceptions.baseline)] : []),
  ];
}

const words = {
  policy: 'ignored by the policy',
  vex: 'cleared by VEX',
  baseline: 'in the baseline',
} as const;

/** Why a flaw is put aside, for a cell of a table. */
export function ignoredText({ by, reason, until, where }: Ignored): string {
  const source = by === 'vex' ? ` (${where})` : '';
  return `${words[by]}: ${reason}${source}${until === undefined ? '' : ` (until ${until})`}`;
}

function ignoredLines(verdicts: ScanResult['verdicts'], shown: boolean): string[] {
  return (['policy', 'vex', 'baseline'] as const).flatMap((by) => {
    const flaws = countedFlaws(verdicts.filter(({ ignored }) => ignored?.by === by)).length;
    if (flaws === 0) return [];
    return [`${plural(flaws, 'flaw')} ${words[by]}${shown ? '' : ': --show-ignored lists them'}`];
  });
}

function notLiftedLines(verdicts: ScanResult['verdicts']): string[] {
  const flaws = countedFlaws(verdicts.filter(({ notLifted }) => notLifted !== undefined)).length;
  return flaws === 0 ? [] : [`${plural(flaws, 'flaw')} that VEX of issuers without the right would clear`];
}

/** Unused statements that a table lists of a document; JSON has all. */
const shownUnused = 10;

export function vexLines({ document, format, author, statements, used, unused }: VexUse): string[] {
  const by = author === undefined ? '' : ` by ${author}`;
  const rest = unused.length - shownUnused;
  return [
    `VEX ${document} (${format}${by}): ${plural(statements, 'statement')}, ${thousands(used)} used`,
    ...unused
      .slice(0, shownUnused)
      .map(
        ({ vulnerability, status, product, why }) =>
          `  unused: ${vulnerability} ${status.replaceAll('_', ' ')}, ${product}: ${why}`,
      ),
    ...(rest > 0 ? [`  and ${rest} more unused: -o json lists them`] : []),
  ];
}

function baselineLine({ file, known, gone }: BaselineUse): string {
  return `baseline ${file}: ${plural(known, 'flaw')} known, ${gone} gone`;
}
