import type { FleetEvidence } from '../../model/fleet/index.ts';
import { line } from '../printable.ts';
import { textTable } from '../text-table.ts';
import { absenceText, evidenceRows, evidenceSummary, fixText, unknownText } from './evidence-rows.ts';

/** For a terminal: the verdicts, the names that are not known, what was waived, and days without a run. */
export function evidenceTable(evidence: FleetEvidence): string {
  const { vulnerability, asOf, run, unknown, waivers, absent } = evidence;
  const rows = evidenceRows(evidence).map((row) => [
    row.names.join(' ') || row.image.digest,
    `${row.package.name} ${row.package.version}`,
    row.from.slice(0, 10),
    row.to === null ? '-' : row.to.slice(0, 10),
    row.state,
    row.verdict.severity,
    fixText(row.verdict),
    row.verdict.advisories.join(' '),
  ]);
  const head = ['IMAGE', 'PACKAGE', 'SINCE', 'UNTIL', 'STATE', 'SEVERITY', 'FIX', 'BY'];
  return [
    line(`${vulnerability} as of ${asOf}, run ${run}: ${evidenceSummary(evidence)}`),
    rows.length > 0
      ? textTable(head, rows)
      : line('no verdict: the feeds of these nights state nothing about it in a package of these images'),
    ...unknown.map((each) => line(`${each.reference}: ${unknownText(each)}`)),
    ...waivers.map(({ id, author, created, reason, ended }) =>
      line(
        `waiver ${id} by ${author} ${created.slice(0, 10)}${ended === null ? '' : `, ended ${ended.slice(0, 10)}`}: ${reason}`,
      ),
    ),
    ...absent.map((each) => line(absenceText(each))),
  ].join('');
}
