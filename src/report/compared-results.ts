import type { Gap } from '../model/verdict/index.ts';
import { gapText } from './gap-text.ts';
import { line } from './printable.ts';
import { plural, textTable, thousands } from './text-table.ts';

/** The part of a comparison that the table prints. */
export interface ComparisonView {
  tool: string;
  platform: string;
  gaps: readonly Gap[];
  same: number;
  differences: readonly {
    vulnerability: string;
    package: string;
    installed: string;
    side: 'ours' | 'theirs' | 'both';
    cause: string;
    why: string;
  }[];
  otherEcosystems: Readonly<Record<string, number>>;
  notRead: number;
}

/** Examples of each cause; JSON has all. */
const mostExamples = 3;

const headings = { both: 'found by both, with another fix', ours: 'only scapfeed', theirs: 'only ' } as const;

/** Formats a comparison: counts, then the causes of each side with examples. */
export function comparedResultsText({
  tool,
  platform,
  gaps,
  same,
  differences,
  otherEcosystems,
  notRead,
}: ComparisonView): string {
  const rows = (['theirs', 'ours', 'both'] as const).map((side) => [
    side === 'theirs' ? `${headings.theirs}${tool}` : headings[side],
    thousands(differences.filter((one) => one.side === side).length),
  ]);
  const others = Object.entries(otherEcosystems).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    line(`scapfeed by the data of ${platform}, beside ${tool}`),
    '\n',
    textTable(['FOUND BY', 'FINDINGS'], [['both, with the same fix', thousands(same)], ...rows]),
    others.length > 0
      ? line(
          `not compared, in packages of languages: ${others.map(([name, count]) => `${thousands(count)} ${name}`).join(', ')}`,
        )
      : '',
    notRead > 0
      ? line(
          `not compared: ${plural(notRead, 'record')} of ${tool} without a vulnerability and a package that can be read`,
        )
      : '',
    ...gaps.map((gap) => line(gapText(gap, platform))),
    ...(['theirs', 'ours', 'both'] as const).flatMap((side) => sideText(tool, side, differences)),
  ].join('');
}

function sideText(
  tool: string,
  side: 'ours' | 'theirs' | 'both',
  differences: ComparisonView['differences'],
): string[] {
  const own = differences.filter((one) => one.side === side);
  if (own.length === 0) return [];
  const causes = [...new Set(own.map(({ cause }) => cause))];
  return [
    '\n',
    line(`${side === 'theirs' ? `${headings.theirs}${tool}` : headings[side]}:`),
    ...causes.flatMap((cause) => {
      const ofCause = own.filter((one) => one.cause === cause);
      return [
        line(`  ${cause}: ${plural(ofCause.length, 'finding')}`),
        ...ofCause
          .slice(0, mostExamples)
          .map(({ vulnerability, package: name, installed, why }) =>
            line(`    ${vulnerability}${name === '' ? '' : ` in ${name} ${installed}`}: ${why}`),
          ),
      ];
    }),
  ];
}
