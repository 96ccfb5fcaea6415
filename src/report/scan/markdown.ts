import { dataDay } from '../../model/data-date.ts';
import { code, foldedTable, literal, longestComment, row } from '../formats/markdown.ts';
import { type ManyScan, type MergedScan, type ScannedTarget, standing } from '../many/scan.ts';
import { signatureFault } from '../signed-verdict.ts';
import { plural } from '../text-table.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { basesText, baseText, originsText } from './base-text.ts';
import { exceptionLines, ignoredText } from './exceptions-text.ts';
import { type Flaw, ignoredFlaws, packageNames } from './flaws.ts';
import { languagesBeside } from './judged-languages.ts';
import { foundText, leftOpen } from './left-open.ts';
import { filesOf } from './places.ts';
import type { ScanReport } from './report.ts';
import { unseenText } from './unseen-text.ts';
import { upgradesOf } from './upgrades.ts';
import { fixVersion, stateWord, uncoveredWords } from './words.ts';

/** Formats a scan as a short comment on a pull request: totals, what to upgrade, and the flaws folded away. */
export function scanMarkdown(report: ScanReport): string {
  const { result } = report;
  const judged = [result.platform.name, ...languagesBeside(result)].join(', ');
  const foot = `<sub>${literal(result.tool)}; ${literal(judged)}, vendor data of ${dataDay(result.platform.updated)}; feed ${code(report.facts.digest().slice(0, 19))}</sub>\n`;
  return `${commentOf(report, longestComment - foot.length)}${foot}`;
}

/** The comment without its last line, about one image, in that many characters as far as flaws can be left out. */
function commentOf(report: ScanReport, room: number): string {
  const { policy } = report;
  const isClean = report.lines().length === 0 && leftOpen(report).length === 0;
  const mark = { 0: isClean ? '✅' : 'ℹ️', 1: '❌', 4: '⚠️' }[policy.exitCode];
  const parts = [
    `### ${mark} ${code(report.name)}: ${headline(report)}\n`,
    totals(report),
    coverage(report),
    upgrades(report),
    exceptions(report),
  ].filter((part) => part !== '');
  const short = `${parts.join('\n')}\n`;
  return `${short}${flawTable(report, room - short.length)}`;
}

function headline(report: ScanReport): string {
  const counts = report.counts();
  if (report.policy.exitCode === 4)
    return `${plural(counts.flaws, 'flaw')}, and not all of the image is known`;
  const open = leftOpen(report);
  return [foundText(counts, open.length === 0), ...open].join('; ');
}

function totals(report: ScanReport): string {
  const { severities, flaws } = report.counts();
  if (flaws === 0) return '';
  const present = Object.entries(severities).filter(([, count]) => count > 0);
  return `${row(present.map(([severity]) => severity))}${row(present.map(() => '---:'))}${row(present.map(([, count]) => String(count)))}`;
}

function coverage(report: ScanReport): string {
  const { gaps, uncovered, unjudged } = report.result;
  const lines = gaps.map(({ code: id, where, detail }) => {
    return `- **${id.replaceAll('_', ' ')}**: ${where === undefined ? '' : `${code(where)} `}${literal(detail)}`;
  });
  const packages = uncovered
    .slice(0, 10)
    .map(
      ({ package: pkg, reason }) => `  - ${code(`${pkg.name} ${pkg.version}`)}: ${uncoveredWords[reason]}`,
    );
  const more = uncovered.length > 10 ? [`  - and ${uncovered.length - 10} more`] : [];
  const others = unjudgedText(unjudged);
  const bases = [...basesText(report.result), ...originsText(report.counts().origins, report.result)];
  const notes = [unseenText(report), others, ...bases].filter((text) => text !== undefined);
  const fault = signatureFault(report.result);
  const signatures = fault ? [`- **signatures**: ${literal(fault.text)}`] : [];
  const all = [...signatures, ...lines, ...packages, ...more, ...notes.map((text) => `- ${literal(text)}`)];
  return all.length === 0 ? '' : `${all.join('\n')}\n`;
}

/** Accepted flaws, with the reasons. */
function exceptions({ result, asked, shown }: ScanReport): string {
  const flaws = ignoredFlaws(asked, shown);
  const lines = exceptionLines(result, true).map((text) => `- ${literal(text)}`);
  const named = flaws.slice(0, 20).map(({ verdict }) => {
    const why = verdict.ignored === undefined ? '' : literal(ignoredText(verdict.ignored));
    return `  - ${code(`${verdict.vulnerability} ${verdict.package.source.name}`)}: ${why}`;
  });
  return lines.length === 0 ? '' : `${[...lines, ...named].join('\n')}\n`;
}

function upgrades(report: ScanReport): string {
  const all = upgradesOf(report.lines(), report.compare);
  if (all.length === 0) return '';
  const { fixable: gone } = report.counts();
  const rows = all
    .slice(0, 20)
    .map(({ source, installed, to, flaws: repaired, worst }) =>
      row([code(source), code(installed), code(to), String(repaired), worst]),
    );
  const rest = all.length > rows.length ? `\nand ${all.length - rows.length} more\n` : '';
  return `**Upgrade ${plural(all.length, 'source package')}, and ${plural(gone, 'flaw')} ${gone === 1 ? 'goes' : 'go'}:**\n\n${row(['source', 'installed', 'upgrade to', 'flaws', 'worst'])}${row(['---', '---', '---', '---:', '---'])}${rows.join('')}${rest}`;
}

function flawTable(report: ScanReport, room: number): string {
  return foldedTable(
    {
      summary: `All ${plural(report.flaws().length, 'flaw')}`,
      head: ['vulnerability', 'severity', 'packages', 'installed', 'fixed in', 'state'],
      rows: report.lines(),
    },
    (flaw) => flawRow(flaw, filesOf(flaw, report.result)),
    room - 200,
    (count) => plural(count, 'more line'),
  );
}

function flawRow(flaw: Flaw, [file, ...others]: readonly string[]): string {
  const { verdict } = flaw;
  const fix = fixVersion(verdict);
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const place = file === undefined ? '' : `<br>${code(file)}${more}`;
  return row([
    code(verdict.vulnerability),
    verdict.severity,
    `${code(packageNames(flaw).join(', '))}${place}`,
    code(verdict.package.source.version),
    fix === undefined ? '' : code(fix),
    [stateWord(verdict), baseText(flaw) ?? []].flat().join('; '),
  ]);
}

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
  const head = `### ${mark} ${plural(totals.targets, 'image')}: ${headlineOfAll(scan)}\n\n${overview(scan)}\n`;
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

function headlineOfAll({ totals, targets }: ManyScan): string {
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
