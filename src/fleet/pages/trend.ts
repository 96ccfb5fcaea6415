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
  const most = Math.max(...shown.map(({ totals }) => sum(totals.flaws)), 1);
  const top = roundUp(most);
  const width = 100 / Math.max(shown.length, 12);
  const columns = shown.map(({ id, finished, totals }, at) => {
    const x = at * width;
    let y = 100;
    const parts = stacked.flatMap((severity) => {
      const height = (100 * totals.flaws[severity]) / top;
      if (height === 0) return [];
      y -= height;
      return [
        html`<rect class="${severity}" x="${(x + width * 0.12).toFixed(2)}" y="${y.toFixed(2)}" width="${(width * 0.76).toFixed(2)}" height="${height.toFixed(2)}"></rect>`,
      ];
    });
    return html`<g><title>Run ${id}, ${day(finished)}: ${wordsOf(totals.flaws)}</title>${parts}</g>`;
  });
  const label = `Open flaws by run, from ${sum(first.totals.flaws)} on ${day(first.finished)} to ${sum(last.totals.flaws)} on ${day(last.finished)}`;
  return html`<div class="trend"><div class="scale" aria-hidden="true"><span>${thousands(top)}</span><span>${thousands(top / 2)}</span><span>0</span></div>
<svg class="chart" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${label}"><line x1="0" x2="100" y1="0" y2="0"></line><line x1="0" x2="100" y1="50" y2="50"></line>${columns}<line x1="0" x2="100" y1="100" y2="100"></line></svg>
<div class="when" aria-hidden="true"><span>${day(first.finished)}</span>${shown.length > 1 ? html`<span>${day(last.finished)}</span>` : nothing}</div></div>`;
}

/** What a bar is read against: 2, 4, 6, 8 or 10 times a power of ten, so that its half is a whole number. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const step = [2, 4, 6, 8, 10].find((each) => each * power >= value) ?? 20;
  return step * power;
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
