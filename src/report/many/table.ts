import type { Severity } from '../../model/index.ts';
import { columnsOf } from '../columns.ts';
import { policyLines } from '../policy-text.ts';
import { line, printable } from '../printable.ts';
import { vexLines } from '../scan/exceptions-text.ts';
import { plural, textTable } from '../text-table.ts';
import { type DoneTarget, differentVulnerabilities, type ManyScan, standing } from './scan.ts';

/** The table of each image under its name, and at the end all of them with their totals. */
export function* mergedTable(scan: ManyScan): Iterable<string> {
  const { targets } = scan;
  for (const [at, target] of targets.entries()) {
    yield line(`== ${at + 1} of ${targets.length}: ${target.target}`);
    if (target.error) yield* errorLines(target);
    else yield* target.part();
    yield '\n';
  }
  yield overview(scan);
}

function errorLines({ error }: DoneTarget): string[] {
  return [
    line(`not scanned: ${error!.message} [${error!.code}]`),
    ...(error!.where === undefined ? [] : [line(`  at: ${error!.where}`)]),
    ...(error!.remedy === undefined ? [] : [line(`  next: ${error!.remedy}`)]),
  ];
}

const shownSeverities = ['critical', 'high', 'medium', 'low'] as const;

/** Columns of a name that leave room for the numbers in 80 columns. */
const longestName = 28;

function overview({ targets, totals, exceptions, repeated }: ManyScan): string {
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
    return [shortened(target.target), ...numbers, standing(target)];
  });
  const sum = [`all ${targets.length}`, ...cells(totals.severities, totals.flaws, totals.fixable), ''];
  const table = textTable(
    ['IMAGE', 'CRIT', 'HIGH', 'MED', 'LOW', 'OTHER', 'FIXABLE', 'RESULT'],
    [...rows, sum],
  );
  const { passed, failed, notCovered, notScanned } = totals;
  const lines = [
    `${plural(totals.targets, 'image')}: ${passed} passed, ${failed} failed, ${notCovered} not covered, ${notScanned} not scanned`,
    `${plural(totals.flaws, 'flaw')} of source packages, ${differentVulnerabilities(totals)}: ${totals.fixable} with a fix to install`,
    `${plural(totals.packages.judged, 'package')} judged, ${totals.packages.uncovered} not covered`,
    ...policyLines(exceptions.policy),
    ...(exceptions.vex ?? []).flatMap(vexLines),
    ...repeated.map((target) => `given more than once, and scanned once: ${target}`),
  ];
  return `${table}\n${lines.map(line).join('')}`;
}

/** The end of a long name tells more than its beginning. */
function shortened(target: string): string {
  const name = printable(target);
  if (columnsOf(name) <= longestName) return name;
  let end = name;
  while (columnsOf(end) > longestName - 1) end = [...end].slice(1).join('');
  return `…${end}`;
}
