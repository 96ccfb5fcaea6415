import { foundText } from '../scan/left-open.ts';
import { code, commentOf, literal, longestComment, row } from '../scan/markdown.ts';
import { plural } from '../text-table.ts';
import { type ManyScan, type MergedScan, type ScannedTarget, standing } from './scan.ts';

/** Images that the overview of a comment lists. */
const mostRows = 100;
/** Images that share what is left; further ones are folded in as far as there is room. */
const mostShared = 10;
/** Characters that a row of it and all around it may take. */
const rowRoom = 250;
const frameRoom = 1500;

/** A comment with the totals by image, and below that each image folded away, as far as there is room. */
export const mergedMarkdown: MergedScan = {
  part: (report, { count }) => {
    const left = longestComment - frameRoom - Math.min(count, mostRows) * rowRoom;
    const room = left / Math.min(count, mostShared);
    return [commentOf(report, room)];
  },
  whole,
};

function* whole(scan: ManyScan): Iterable<string> {
  const { totals, targets, exitCode } = scan;
  const isClean = totals.flaws === 0 && targets.every(({ facts }) => facts?.leftOpen.length === 0);
  const mark = { 0: isClean ? '✅' : 'ℹ️', 1: '❌', 2: '⚠️', 3: '⚠️', 4: '⚠️' }[exitCode];
  const head = `### ${mark} ${plural(totals.targets, 'image')}: ${headline(scan)}\n\n${overview(scan)}\n`;
  yield head;
  let left = longestComment - head.length - frameRoom;
  const without: string[] = [];
  for (const target of targets) {
    if (!target.facts) continue;
    const text = [...target.part()].join('');
    const folded = `<details>\n<summary>${literal(target.target)}: ${foundIn(target, scan)}</summary>\n\n${text}\n</details>\n\n`;
    if (folded.length > left) without.push(target.target);
    else yield folded;
    if (folded.length <= left) left -= folded.length;
  }
  if (without.length > 0)
    yield `A comment has no room for the flaws of ${plural(without.length, 'more image')}: \`-o json\` has all.\n\n`;
  yield `<sub>${literal(scan.tool)}; feed ${code(scan.feed.digest.slice(0, 19))}</sub>\n`;
}

/** Of an image without a flaw, how it stands with it: that none is known may mean that nothing is. */
function foundIn(target: ScannedTarget, scan: ManyScan): string {
  const flaws = target.facts?.counts.flaws ?? 0;
  return flaws === 0 ? standing(target, scan) : plural(flaws, 'flaw');
}

function headline({ totals, targets }: ManyScan): string {
  const unknown = totals.notScanned + totals.notCovered;
  const open = targets.flatMap(({ facts }) => (facts && facts.leftOpen.length > 0 ? facts : []));
  const accepted = open.reduce(
    (sum, { policy, counts }) => sum + (policy.allowUncovered ? counts.packages.uncovered : 0),
    0,
  );
  const why =
    accepted > 0 ? `: ${plural(accepted, 'package')} without data (accepted by --allow-uncovered)` : '';
  return [
    foundText(totals, unknown + open.length === 0),
    ...(unknown > 0 ? [`${plural(unknown, 'image')} not known or not known in full`] : []),
    ...(open.length > 0 ? [`${plural(open.length, 'image')} not judged in full${why}`] : []),
  ].join(', and ');
}

function overview(scan: ManyScan): string {
  const { targets } = scan;
  const rows = targets.slice(0, mostRows).map((target) => targetRow(target, scan));
  const rest = targets.length > mostRows ? `\nand ${targets.length - mostRows} more images\n` : '';
  const head = ['image', 'critical', 'high', 'medium', 'low', 'other', 'with a fix', 'result'];
  return `${row(head)}${row(['---', '---:', '---:', '---:', '---:', '---:', '---:', '---'])}${rows.join('')}${rest}`;
}

function targetRow(target: ScannedTarget, scan: ManyScan): string {
  const { facts, error } = target;
  const name = code(target.target.length > 80 ? `…${target.target.slice(-79)}` : target.target);
  if (!facts) return row([name, '', '', '', '', '', '', `**not scanned**: ${code(error!.code)}`]);
  const { severities: by, flaws, fixable } = facts.counts;
  const other = flaws - by.critical - by.high - by.medium - by.low;
  const counts = [by.critical, by.high, by.medium, by.low, other, fixable].map(String);
  return row([name, ...counts, standing(target, scan)]);
}
