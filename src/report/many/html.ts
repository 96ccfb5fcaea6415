import { row, table } from '../../html/page.ts';
import { escapeHtml } from '../../model/markup.ts';
import { factRows, failedList, list, listPage, targetSections } from '../formats/html.ts';
import { policyLines } from '../policy-text.ts';
import { vexLines } from '../scan/exceptions-text.ts';
import { filters, flawCard, flawPage, imageSection } from '../scan/html.ts';
import { severityBar } from '../severity-bar.ts';
import { plural } from '../text-table.ts';
import { differentVulnerabilities, type ManyScan, type MergedScan, standing } from './scan.ts';

/** One page for all images: their totals first, and below them what the page of each alone has. */
export const mergedHtml: MergedScan = {
  part: (report, { target, at }) => imageSection(report, target, at),
  whole,
};

function whole(scan: ManyScan): Iterable<string> {
  const { targets, totals, exceptions, repeated, tool, feed } = scan;
  const listed: Record<string, number> = {};
  for (const { facts } of targets)
    for (const [severity, count] of Object.entries(facts?.listed ?? {}))
      listed[severity] = (listed[severity] ?? 0) + count;
  return listPage({
    ...flawPage,
    title: `${plural(totals.targets, 'image')} — ${plural(totals.flaws, 'flaw')}`,
    heading: plural(totals.targets, 'image'),
    facts: `<dl>${standings(scan)}</dl>`,
    card: flawCard(totals, `, ${differentVulnerabilities(totals)}`),
    before: `${failedList(targets, 'scanned')}
${list('', 'Exceptions', [...policyLines(exceptions.policy), ...(exceptions.vex ?? []).flatMap(vexLines)])}
${list('', 'Given more than once, and scanned once', repeated)}
<h2>Images</h2>
${overview(scan)}
<h2>Search all images</h2>
${filters(listed)}`,
    status: plural(sum(listed), 'flaw'),
    list: targetSections(targets, 'scanned'),
    footer: `Made by ${tool} from the feed ${feed.digest}${feed.signed ? ', signed' : ', not signed'}`,
  });
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function standings(scan: ManyScan): string {
  const { totals } = scan;
  return factRows([
    [scan.isGated ? 'Passed' : 'Scanned', String(totals.passed)],
    ['Failed', String(totals.failed)],
    ['Not covered', String(totals.notCovered)],
    ['Not scanned', String(totals.notScanned)],
  ]);
}

function overview(scan: ManyScan): string {
  const rows = scan.targets.map((target, at) => {
    const { facts } = target;
    return row([
      ['Image', `<a href="#image-${at + 1}">${escapeHtml(target.target)}</a>`],
      ['System', escapeHtml(facts?.system ?? 'unknown')],
      ['Flaws', facts ? String(facts.counts.flaws) : '-', 'number'],
      [
        'By severity',
        facts ? severityBar(facts.counts.severities, `Flaws of image ${at + 1} by severity`) : '',
      ],
      ['With a fix', facts ? String(facts.counts.fixable) : '-', 'number'],
      ['Not covered', facts ? String(facts.counts.packages.uncovered) : '-', 'number'],
      ['Result', escapeHtml(`${standing(target, scan)}${target.error ? `: ${target.error.code}` : ''}`)],
    ]);
  });
  return table(['Image', 'System', 'Flaws', 'By severity', 'With a fix', 'Not covered', 'Result'], rows);
}
