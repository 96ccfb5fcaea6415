import { expect, it } from 'vitest';
import { type RunWithTotals, runsShown, trendChart, trendWords } from '../../../src/fleet/pages/trend.ts';

const none = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 };

const known = { unread: 0, waiting: 0, uncovered: 0, partly: 0, judged: 10 };

type Totals = RunWithTotals['totals'];

function runsOf(...totals: readonly Partial<Totals>[]): readonly RunWithTotals[] {
  const all = totals.map((each, at) => ({
    id: at + 1,
    finished: `2026-01-${String((at % 28) + 1).padStart(2, '0')}T03:04:05Z`,
    totals: { flaws: none, names: known, images: 10, waived: 0, ...each },
  }));
  return all as unknown as readonly RunWithTotals[];
}

function chartOf(...counts: readonly Partial<typeof none>[]): string {
  return trendChart(runsOf(...counts.map((flaws) => ({ flaws: { ...none, ...flaws } })))).text;
}

function marksOf(chart: string): string[] {
  return [...chart.matchAll(/<span>([\d,]+)<\/span>/g)].map(([, mark = '']) => mark);
}

interface Rect {
  y: number;
  height: number;
}

function rectsOf(chart: string): Rect[] {
  const found = chart
    .split('</svg>')[0]!
    .matchAll(/<rect class="\w+" x="[\d.]+" width="[\d.]+" y="([\d.]+)" height="([\d.]+)">/g);
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
  expect(chart.match(/<title>Run 65[,:] /g)).toHaveLength(2);
  for (const [, x = '', width = ''] of chart.matchAll(/ x="([\d.]+)" width="([\d.]+)"/g))
    expect(Number(x) + Number(width)).toBeLessThanOrEqual(100);
});

it('a run without flaws is an empty column', () => {
  expect(rectsOf(chartOf({}))).toEqual([]);
});

it.each([2, 3, 7, 12, 30])('columns of %d runs reach from the first day to the last', (count) => {
  const chart = chartOf(...Array.from({ length: count }, () => ({ high: 1 })));
  const ends = [...chart.matchAll(/ x="([\d.]+)" width="([\d.]+)"/g)].map(([, x, width]) => [
    Number(x),
    Number(x) + Number(width),
  ]);
  expect(Math.min(...ends.map(([start]) => start!))).toBe(0);
  expect(Math.max(...ends.map(([, end]) => end!))).toBeCloseTo(100, 1);
});

it('a night in which images were not judged does not look like one with fewer flaws', () => {
  const [before, night] = [
    { flaws: { ...none, high: 50 } },
    { flaws: { ...none, high: 30 }, images: 6, names: { ...known, judged: 6, uncovered: 4 } },
  ];
  const runs = runsOf(before, night);
  const chart = trendChart(runs).text;
  expect(chart).toContain('<title>Run 2: 6 judged, 4 not covered</title>');
  expect(chart).toMatch(/<rect class="uncovered" x="[\d.]+" width="[\d.]+" y="0.00" height="40.00">/);
  expect(chart).toContain('aria-label="100 % to 60 % of the names judged in full"');
  expect(trendWords(runs).text).toContain(
    'Since run 1 (2026-01-01): 20 fewer flaws, in 4 fewer images; 4 more images not judged in full<',
  );
});

it('flaws that were waived since do not look like fixed ones', () => {
  const words = trendWords(
    runsOf(
      { flaws: { ...none, low: 9 } },
      { flaws: { ...none, low: 9 } },
      { flaws: { ...none, low: 8 }, waived: 1 },
    ),
  ).text;
  expect(words).toContain(
    'Since run 2 (2026-01-02): 1 fewer flaw, in the same number of images; 1 more waived<',
  );
  expect(words).toContain('Since run 1 (2026-01-01)');
  expect(trendWords(runsOf({})).text).toBe('');
});

it('fewer flaws because less is judged are no progress: what is not judged is said beside the number', () => {
  const less = { ...known, judged: 8, partly: 1, uncovered: 1 };
  const runs = runsOf(
    { flaws: { ...none, high: 12 }, unjudged: 1 },
    { flaws: { ...none, high: 2 }, names: less, images: 9, unjudged: 7 },
  );
  expect(trendWords(runs).text).toContain(
    '10 fewer flaws, in 1 fewer image; 2 more images not judged in full; 6 more packages not judged<',
  );
  expect(trendChart(runs).text).toContain(
    '2 high, in 9 images; 2 images not judged in full; 7 packages not judged</title>',
  );
  // A run of an older version did not count them.
  expect(trendWords(runsOf({}, { unjudged: 7 })).text).not.toContain('not judged');
});
