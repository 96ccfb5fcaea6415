import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import type { Severity } from '../../model/feed/index.ts';
import { type ImageState, imageStates } from '../../model/fleet/index.ts';
import { plural, thousands } from '../../report/text-table.ts';
import { notInFull } from '../store/totals.ts';
import type { ViewedRun } from '../view/fleet-view.ts';
import { type Html, html, nothing } from './html.ts';
import { day, standingWords } from './words.ts';

/** Severities from the axis up. */
const stacked: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];

/** States of images, from the axis up: the unknown is on top. */
const bestFirst: readonly ImageState[] = [...imageStates].reverse();

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
  const gap = Math.max(0.24, 1 - (0.76 * shown.length) / 12);
  const along = scaleBand(shown.keys(), [0, 100]).paddingInner(gap).align(0);
  const parts = stack<RunWithTotals, Severity>()
    .keys(stacked)
    .value(({ totals }, severity) => totals.flaws[severity])(shown);
  const placeOf = (at: number) => html`x="${shortened(along(at))}" width="${shortened(along.bandwidth())}"`;
  const columns = shown.map(({ id, finished, totals }, at) => {
    const place = placeOf(at);
    const rects = parts
      .filter(({ key }) => totals.flaws[key] > 0)
      .map(({ key, [at]: [low, high] = [0, 0] }) => {
        const height = shortened(up(low) - up(high));
        return html`<rect class="${key}" ${place} y="${shortened(up(high))}" height="${height}"></rect>`;
      });
    return html`<g><title>Run ${id}, ${day(finished)}: ${wordsOf(totals.flaws, stacked)}, in ${plural(totals.images, 'image')}${asideWords(totals)}</title>${rects}</g>`;
  });
  const coverage = shown.map(({ id, totals: { names } }, at) => {
    const all = sum(names);
    let y = 0;
    const rects = bestFirst
      .filter((standing) => names[standing] > 0)
      .map((standing) => {
        const height = (100 * names[standing]) / all;
        y += height;
        return html`<rect class="${standing}" ${placeOf(at)} y="${shortened(100 - y)}" height="${shortened(height)}"></rect>`;
      });
    return html`<g><title>Run ${id}: ${wordsOf(names, bestFirst, standingWords)}</title>${rects}</g>`;
  });
  const label = `Open flaws by run, from ${sum(first.totals.flaws)} on ${day(first.finished)} to ${sum(last.totals.flaws)} on ${day(last.finished)}`;
  return html`<div class="trend"><div class="scale" aria-hidden="true">${marks.map((mark) => html`<span>${thousands(mark)}</span>`)}</div>
<svg class="chart" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${label}">${marks.map((mark) => html`<line x1="0" x2="100" y1="${shortened(up(mark))}" y2="${shortened(up(mark))}"></line>`)}${columns}</svg>
<span class="of" aria-hidden="true">judged</span>
<svg class="chart" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${covered(first)} to ${covered(last)} of the names judged in full">${coverage}</svg>
<div class="when" aria-hidden="true"><span>${day(first.finished)}</span>${shown.length > 1 ? html`<span>${day(last.finished)}</span>` : nothing}</div></div>`;
}

function shortened(place = 0): string {
  return place.toFixed(2);
}

function wordsOf<T extends string>(
  counts: Readonly<Record<T, number>>,
  keys: readonly T[],
  words?: Readonly<Record<T, string>>,
): string {
  return keys
    .filter((key) => counts[key] > 0)
    .map((key) => `${counts[key]} ${words?.[key] ?? key}`)
    .join(', ');
}

function covered({ totals: { names } }: RunWithTotals): string {
  const all = sum(names);
  return all === 0 ? 'nothing' : `${Math.floor((100 * names.judged) / all)} %`;
}

/**
 * Compares the last run with the one before and the first one shown. Fewer flaws in fewer images, more waived, or more
 * that is not judged, are no progress: all are stated too.
 */
export function trendWords(runs: readonly RunWithTotals[]): Html {
  const shown = runs.slice(-runsShown);
  const last = shown.at(-1);
  if (!last || shown.length < 2) return nothing;
  const earlier = new Set([shown.at(-2)!, shown[0]!]);
  return html`<ul class="since">${[...earlier].map((run) => html`<li>${sinceWords(run, last)}</li>`)}</ul>`;
}

function sinceWords(before: RunWithTotals, { totals }: RunWithTotals): string {
  const flaws = change(sum(totals.flaws) - sum(before.totals.flaws), 'flaw');
  const images = totals.images - before.totals.images;
  const where = images === 0 ? 'the same number of images' : change(images, 'image');
  const waived = totals.waived - before.totals.waived;
  const aside =
    waived === 0 ? '' : `; ${thousands(Math.abs(waived))} ${waived > 0 ? 'more' : 'fewer'} waived`;
  const unknown = [
    [notInFull(totals) - notInFull(before.totals), 'image', 'not judged in full'] as const,
    [
      (totals.unjudged ?? 0) - (before.totals.unjudged ?? totals.unjudged ?? 0),
      'package',
      'not judged',
    ] as const,
  ].flatMap(([more, noun, what]) => (more === 0 ? [] : [`; ${change(more, noun)} ${what}`]));
  return `Since run ${before.id} (${day(before.finished)}): ${flaws}, in ${where}${aside}${unknown.join('')}`;
}

/** Packages and images that the number of flaws does not cover. */
function asideWords(totals: RunWithTotals['totals']): string {
  const images = notInFull(totals);
  const packages = totals.unjudged ?? 0;
  return [
    ...(images > 0 ? [`; ${plural(images, 'image')} not judged in full`] : []),
    ...(packages > 0 ? [`; ${plural(packages, 'package')} not judged`] : []),
  ].join('');
}

/** `12 more images`, `1 flaw fewer`. */
function change(count: number, noun: string): string {
  if (count === 0) return `as many ${noun}s`;
  return `${thousands(Math.abs(count))} ${count > 0 ? 'more' : 'fewer'} ${Math.abs(count) === 1 ? noun : `${noun}s`}`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
