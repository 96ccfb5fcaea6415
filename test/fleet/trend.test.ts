import { expect, it } from 'vitest';
import { type RunWithTotals, runsShown, trendChart } from '../../src/fleet/pages/trend.ts';

const none = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 };

function chartOf(...counts: readonly Partial<typeof none>[]): string {
  const runs = counts.map((flaws, at) => ({
    id: at + 1,
    finished: '2026-01-02T03:04:05Z',
    totals: { flaws: { ...none, ...flaws } },
  }));
  return trendChart(runs as unknown as readonly RunWithTotals[]).text;
}

function marksOf(chart: string): string[] {
  return [...chart.matchAll(/<span>([\d,]+)<\/span>/g)].map(([, mark = '']) => mark);
}

interface Rect {
  y: number;
  height: number;
}

function rectsOf(chart: string): Rect[] {
  const found = chart.matchAll(
    /<rect class="\w+" x="[\d.]+" width="[\d.]+" y="([\d.]+)" height="([\d.]+)">/g,
  );
  return [...found].map(([, y, height]) => ({ y: Number(y), height: Number(height) }));
}

it.each([
  [0, ['2', '1', '0']],
  [1, ['2', '1', '0']],
  [3, ['4', '2', '0']],
  [25, ['40', '20', '0']],
  [11, ['20', '10', '0']],
  [168_000, ['200,000', '100,000', '0']],
])('%d flaws are read against whole, round marks that reach above them', (high, marks) => {
  expect(marksOf(chartOf({ high }))).toEqual(marks);
});

it('parts of a column stand on each other, critical ones at the axis', () => {
  const rects = rectsOf(chartOf({ critical: 1, high: 2, unknown: 1 }));
  expect(rects).toEqual([
    { y: 75, height: 25 },
    { y: 25, height: 50 },
    { y: 0, height: 25 },
  ]);
});

it('shows the last runs, all within the picture', () => {
  const runs = Array.from({ length: runsShown + 5 }, (_, at) => ({ low: at + 1 }));
  const chart = chartOf(...runs);
  expect(rectsOf(chart)).toHaveLength(runsShown);
  expect(chart).toContain('<title>Run 6, ');
  for (const [, x = '', width = ''] of chart.matchAll(/ x="([\d.]+)" width="([\d.]+)"/g))
    expect(Number(x) + Number(width)).toBeLessThanOrEqual(100);
});

it('a run without flaws is an empty column', () => {
  expect(rectsOf(chartOf({}))).toEqual([]);
});
