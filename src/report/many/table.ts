import type { Severity } from '../../model/feed/index.ts';
import { policyLines } from '../policy-text.ts';
import { line } from '../printable.ts';
import { vexLines } from '../scan/exceptions-text.ts';
import { plural, textTable } from '../text-table.ts';
import { resultsTable, shortTarget } from './results-table.ts';
import { differentVulnerabilities, type ManyScan, scanning, standing } from './scan.ts';

/** The table of each image under its name, and at the end all of them with their totals. */
export function wholeTable(scan: ManyScan): Iterable<string> {
  return resultsTable(scan.targets, scanning, overview(scan));
}

const shownSeverities = ['critical', 'high', 'medium', 'low'] as const;

function overview(scan: ManyScan): string {
  const { targets, totals, exceptions, repeated } = scan;
  const cells = (by: Readonly<Record<Severity, number>>, flaws: number, fixable: number) => {
    const rated = shownSeverities.map((severity) => by[severity]);
    const other = flaws - rated.reduce((sum, count) => sum + count, 0);
    return [...rated, other, fixable].map(String);
  };
  const rows = targets.map((target) => {
    const { facts } = target;
    const numbers = facts
      ? cells(facts.counts.severities, facts.counts.flaws, facts.counts.fixable)
      : Array.from({ length: shownSeverities.length + 2 }, () => '-');
    return [shortTarget(target.target), ...numbers, standing(target, scan)];
  });
  const sum = [`all ${targets.length}`, ...cells(totals.severities, totals.flaws, totals.fixable), ''];
  const table = textTable(
    ['IMAGE', 'CRIT', 'HIGH', 'MED', 'LOW', 'OTHER', 'FIXABLE', 'RESULT'],
    [...rows, sum],
  );
  const lines = [
    `${plural(totals.targets, 'image')}: ${passedText(scan)}, ${totals.failed} failed, ${totals.notCovered} scanned in part, ${totals.notScanned} not scanned`,
    `${plural(totals.flaws, 'flaw')} of source packages, ${differentVulnerabilities(totals)}: ${totals.fixable} with a fix to install`,
    `${plural(totals.packages.judged, 'package')} judged, ${totals.packages.uncovered} not covered`,
    ...policyLines(exceptions.policy),
    ...(exceptions.vex ?? []).flatMap(vexLines),
    ...repeated.map((target) => `given more than once, and scanned once: ${target}`),
  ];
  return `${table}\n${lines.map(line).join('')}`;
}

/** Without a gate nothing is passed, and an image with packages of languages that the feed does not judge is not scanned in full. */
function passedText({ targets, totals, isGated }: ManyScan): string {
  if (isGated) return `${totals.passed} passed`;
  const open = targets.filter(({ exitCode, facts }) => exitCode === 0 && facts && facts.leftOpen.length > 0);
  const inFull = `${totals.passed - open.length} scanned in full`;
  return open.length > 0 ? `${inFull}, ${open.length} not judged in full` : inFull;
}
