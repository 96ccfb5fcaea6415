import { escapeHtml } from '../../model/index.ts';
import { policyLines } from '../policy-text.ts';
import { vexLines } from '../scan/exceptions-text.ts';
import { filters, imageSection, list, pageEnd, pageHead, row, table } from '../scan/html.ts';
import { severityBar } from '../severity-bar.ts';
import { plural } from '../text-table.ts';
import {
  differentVulnerabilities,
  type ManyScan,
  type MergedScan,
  type ScannedTarget,
  standing,
} from './scan.ts';

/** One page for all images: their totals first, and below them what the page of each alone has. */
export const mergedHtml: MergedScan = {
  part: (report, { target, at }) => imageSection(report, target, at),
  whole,
};

function* whole(scan: ManyScan): Iterable<string> {
  const { targets, totals, exceptions, repeated, tool, feed } = scan;
  const listed: Record<string, number> = {};
  for (const { facts } of targets)
    for (const [severity, count] of Object.entries(facts?.listed ?? {}))
      listed[severity] = (listed[severity] ?? 0) + count;
  yield pageHead(`${plural(totals.targets, 'image')} — ${plural(totals.flaws, 'flaw')}`);
  yield `<header>
<div>
<h1>${plural(totals.targets, 'image')}</h1>
<dl>${standings(scan)}</dl>
</div>
${card(scan)}
</header>
<main>
${unscanned(targets)}
${list('', 'Exceptions', [...policyLines(exceptions.policy), ...(exceptions.vex ?? []).flatMap(vexLines)])}
${list('', 'Given more than once, and scanned once', repeated)}
<h2>Images</h2>
${overview(scan)}
<h2>Search all images</h2>
${filters(listed)}
<p id="shown" role="status">${plural(sum(listed), 'flaw')}</p>
<div id="flaws" tabindex="-1">
`;
  for (const [at, target] of targets.entries()) {
    if (target.error) yield errorSection(target, at);
    else yield* target.part();
  }
  yield `</div>
</main>
<footer>Made by ${escapeHtml(tool)} from the feed ${escapeHtml(feed.digest)}${feed.signed ? ', signed' : ', not signed'}</footer>
${pageEnd}`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function standings(scan: ManyScan): string {
  const { totals } = scan;
  const rows = [
    [scan.isGated ? 'Passed' : 'Scanned', totals.passed],
    ['Failed', totals.failed],
    ['Not covered', totals.notCovered],
    ['Not scanned', totals.notScanned],
  ] as const;
  return rows.map(([name, count]) => `<div><dt>${name}</dt><dd>${count}</dd></div>`).join('');
}

function card({ totals }: ManyScan): string {
  const { flaws, fixable, severities, packages } = totals;
  const items = Object.entries(severities)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `<li class="${severity}">${count} ${severity}</li>`);
  return `<div class="card">
<p><strong>${flaws}</strong> ${flaws === 1 ? 'flaw' : 'flaws'}, ${differentVulnerabilities(totals)}</p>
${severityBar(severities, 'Flaws by severity')}
<ul class="counts">${items.join('')}</ul>
<p>${fixable} with a fix to install, ${flaws - fixable} without</p>
<p>${packages.installed} packages: ${packages.judged} judged, ${packages.uncovered} not covered</p>
</div>`;
}

function unscanned(targets: readonly ScannedTarget[]): string {
  const lines = targets.flatMap(({ target, error }) =>
    error ? [`${target}: ${error.message} [${error.code}]`] : [],
  );
  return list('bad', 'Not scanned: nothing is known about these images', lines);
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

function errorSection({ target, error }: ScannedTarget, at: number): string {
  const lines = [error!.message, ...[error!.where ?? [], error!.remedy ?? []].flat()];
  return `<section id="image-${at + 1}" aria-labelledby="image-${at + 1}-name">
<h2 id="image-${at + 1}-name">${escapeHtml(target)}: not scanned</h2>
${list('bad', `${error!.code}`, lines)}</section>
`;
}
