import { severities } from '../../model/feed/index.ts';
import { knownCounts, type ListedImage } from '../../model/fleet/index.ts';
import { gateExitCodes } from '../../model/verdict/index.ts';
import { line } from '../printable.ts';
import { plural, textTable } from '../text-table.ts';

const shown = severities.toReversed();

/** A line for each name. `why`: why there is none. One that is not judged as a whole says so: no number stands for what is not known. */
export function fleetTable(names: readonly ListedImage[], why: string): string {
  if (names.length === 0) return line(why);
  // A fleet without rules has no column of owners, and one without an SLA none of its days.
  const isOwned = names.some(({ owners }) => owners.length > 0);
  const hasSla = names.some(({ overdue }) => overdue !== null);
  const rows = names.map((name) => [
    name.reference,
    ...(isOwned ? [name.owners.join(', ') || '-'] : []),
    name.platform ?? name.system ?? '-',
    ...shown.map((severity) => String(knownCounts(name)?.flaws[severity] ?? '-')),
    ...(hasSla ? [String(name.overdue ?? '-'), name.due ?? '-'] : []),
    stateOf(name),
  ]);
  const owner = isOwned ? ['OWNER'] : [];
  const due = hasSla ? ['OVERDUE', 'DUE'] : [];
  const head = ['IMAGE', ...owner, 'PLATFORM', ...shown.map((each) => each.toUpperCase()), ...due, 'STATE'];
  const open = names.filter(({ state }) => state !== 'judged').length;
  const doubt = open === 0 ? '' : `, ${open} not judged in full: their flaws are not all counted`;
  return `${textTable(head, rows)}${plural(names.length, 'image')}${doubt}\n`;
}

function stateOf(name: ListedImage): string {
  const { counts, unread, uncovered, gaps, signed, state, unjudged, halfInstalled } = name;
  const open = counts && !uncovered ? counts.uncovered : 0;
  const known = knownCounts(name);
  const states = [
    ...(unread ? [`not read: ${unread.code}: ${unread.message}`] : []),
    ...(state === 'waiting' ? [name.digest === null ? 'waits for the next run' : 'not judged yet'] : []),
    ...(uncovered ? [`not covered: ${uncovered.code}`] : []),
    ...(signed !== null && gateExitCodes[signed] > 0
      ? [signed === 'unsigned' ? 'not signed' : 'not signed as required']
      : []),
    ...(gaps ?? []).map(({ code }) => code.replaceAll('_', ' ')),
    ...(open > 0 ? [known ? `${plural(open, 'package')} not covered` : 'no package covered'] : []),
    ...(halfInstalled > 0 ? [`${plural(halfInstalled, 'package')} half installed`] : []),
    ...(unjudged > 0 ? [`${plural(unjudged, 'package')} of other ecosystems`] : []),
    ...(known && known.waived > 0 ? [`${known.waived} waived`] : []),
    ...(known && known.exploited > 0 ? [`${known.exploited} known exploited`] : []),
  ];
  return states.length === 0 ? 'judged' : states.join(', ');
}
