import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import type { Severity } from '../../model/index.ts';
import { thousands } from '../../report/text-table.ts';
import type { ViewedRun } from './data/fleet-view.ts';
import { type Html, html, nothing } from './html.ts';
import { day } from './words.ts';

/** Severities from the axis up. */
const stacked: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];

/** Runs that fit beside each other. */
export const runsShown = 60;

export type RunWithTotals = ViewedRun & { totals: NonNullable<ViewedRun['totals']> };

export function runsWithTotals(runs: readonly ViewedRun[]): RunWithTotals[] {
  return runs.filter((run): run is RunWithTotals => run.totals !== null);
}

/** Open flaws of the last runs: a column for each run, in parts by severity. */
export function trendChart(runs: readonly RunWithTotals[]): Html {
  const shown = runs.slice(-runsShown);
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last) return html`<p class="empty">No run with totals has ended yet.</p>`;
  const most = Math.max(...shown.map(({ totals }) => sum(totals.flaws)), 2);
  const up = scaleLinear([0, most], [100, 0]).nice(2);
  const marks = up.ticks(2).reverse();
  // A few runs are columns too, not blocks.
  const places = Array.from({ length: Math.max(shown.length, 12) }, (_, at) => at);
  const along = scaleBand(places, [0, 100]).paddingInner(0.24).paddingOuter(0.12);
  const parts = stack<RunWithTotals, Severity>()
    .keys(stacked)
    .value(({ totals }, severity) => totals.flaws[severity])(shown);
  const columns = shown.map(({ id, finished, totals }, at) => {
    const place = html`x="${shortened(along(at))}" width="${shortened(along.bandwidth())}"`;
    const rects = parts
      .filter(({ key }) => totals.flaws[key] > 0)
      .map(({ key, [at]: [low, high] = [0, 0] }) => {
        const height = shortened(up(low) - up(high));
        return html`<rect class="${key}" ${place} y="${shortened(up(high))}" height="${height}"></rect>`;
      });
    return html`<g><title>Run ${id}, ${day(finished)}: ${wordsOf(totals.flaws)}</title>${rects}</g>`;
  });
  const label = `Open flaws by run, from ${sum(first.totals.flaws)} on ${day(first.finished)} to ${sum(last.totals.flaws)} on ${day(last.finished)}`;
  return html`<div class="trend"><div class="scale" aria-hidden="true">${marks.map((mark) => html`<span>${thousands(mark)}</span>`)}</div>
<svg class="chart" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${label}">${marks.map((mark) => html`<line x1="0" x2="100" y1="${shortened(up(mark))}" y2="${shortened(up(mark))}"></line>`)}${columns}</svg>
<div class="when" aria-hidden="true"><span>${day(first.finished)}</span>${shown.length > 1 ? html`<span>${day(last.finished)}</span>` : nothing}</div></div>`;
}

function shortened(place = 0): string {
  return place.toFixed(2);
}

function wordsOf(flaws: Readonly<Record<Severity, number>>): string {
  return stacked
    .filter((severity) => flaws[severity] > 0)
    .map((severity) => `${flaws[severity]} ${severity}`)
    .join(', ');
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
