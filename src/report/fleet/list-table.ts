import { gateExitCodes, type ListedImage, severities } from '../../model/index.ts';
import { plural, textTable } from '../text-table.ts';

const shown = severities.toReversed();

/** A line for each name. One that is not judged as a whole says so: no number stands for what is not known. */
export function fleetTable(names: readonly ListedImage[]): string {
  if (names.length === 0) return 'the fleet is empty: add images with `scapfeed fleet add`\n';
  const rows = names.map((name) => [
    name.reference,
    name.platform ?? name.system ?? '-',
    ...shown.map((severity) =>
      name.counts && name.platform !== null ? String(name.counts.flaws[severity]) : '-',
    ),
    stateOf(name),
  ]);
  const head = ['IMAGE', 'PLATFORM', ...shown.map((severity) => severity.toUpperCase()), 'STATE'];
  return `${textTable(head, rows)}${plural(names.length, 'image')}\n`;
}

function stateOf({ digest, counts, unread, uncovered, gaps, signed }: ListedImage): string {
  const states = [
    ...(unread ? [`not read: ${unread.code}: ${unread.message}`] : []),
    ...(digest === null && !unread ? ['waits for the next run'] : []),
    ...(uncovered ? [`not covered: ${uncovered.code}`] : []),
    ...(digest !== null && !uncovered && !counts ? ['not judged yet'] : []),
    ...(signed !== null && gateExitCodes[signed] > 0
      ? [signed === 'unsigned' ? 'not signed' : 'not signed as required']
      : []),
    ...(gaps ?? []).map(({ code }) => code),
    ...(counts && counts.uncovered > 0 ? [`${plural(counts.uncovered, 'package')} not covered`] : []),
    ...(counts && counts.waived > 0 ? [`${counts.waived} waived`] : []),
    ...(counts && counts.exploited > 0 ? [`${counts.exploited} known exploited`] : []),
  ];
  return states.length === 0 ? 'judged' : states.join(', ');
}
