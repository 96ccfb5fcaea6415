import type { VendorScore } from './vulnerability.ts';

/** Steps of each value of a base metric below the worst one (CVSS v4.0 specification, 7). */
const steps: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0, A: 1, L: 2, P: 3 },
  PR: { N: 0, L: 1, H: 2 },
  UI: { N: 0, P: 1, A: 2 },
  AC: { L: 0, H: 1 },
  AT: { N: 0, P: 1 },
  VC: { H: 0, L: 1, N: 2 },
  VI: { H: 0, L: 1, N: 2 },
  VA: { H: 0, L: 1, N: 2 },
  SC: { H: 0, L: 1, N: 2 },
  SI: { H: 0, L: 1, N: 2 },
  SA: { H: 0, L: 1, N: 2 },
};

/**
 * A set of equivalent vectors of some metrics. `worst`: the steps of its most severe vectors, of which a vector is measured from the
 * first that is nowhere better; `depth`: the steps from there to the next lower set.
 */
interface Level {
  worst: readonly (readonly number[])[];
  depth: number;
}

/** Metrics that are measured together, and their levels, the most severe first. */
interface Group {
  metrics: readonly string[];
  levels: readonly Level[];
}

/** Specification, tables 24 to 28, as far as vectors without threat and environmental metrics reach them. */
const exploitability: Group = {
  metrics: ['AV', 'PR', 'UI'],
  levels: [
    { worst: [[0, 0, 0]], depth: 1 },
    {
      worst: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      depth: 4,
    },
    {
      worst: [
        [3, 0, 0],
        [1, 1, 1],
      ],
      depth: 5,
    },
  ],
};
const complexity: Group = {
  metrics: ['AC', 'AT'],
  levels: [
    { worst: [[0, 0]], depth: 1 },
    {
      worst: [
        [1, 0],
        [0, 1],
      ],
      depth: 2,
    },
  ],
};
const impact: Group = {
  metrics: ['VC', 'VI', 'VA'],
  levels: [
    { worst: [[0, 0, 0]], depth: 7 },
    {
      worst: [
        [1, 0, 0],
        [0, 1, 0],
      ],
      depth: 8,
    },
    { worst: [[1, 1, 1]], depth: 10 },
  ],
};
const subsequentImpact: Group = {
  metrics: ['SC', 'SI', 'SA'],
  levels: [
    { worst: [[0, 0, 0]], depth: 5 },
    { worst: [[1, 1, 1]], depth: 4 },
  ],
};

/**
 * Scores of the sets in tenths (specification, 8.3): a row by exploitability and complexity, a pair of numbers by subsequent impact for
 * each impact. Of impacts, 1 and 3 are sets of environmental metrics, which are only next lower ones.
 */
const scores: readonly (readonly number[])[] = [
  [100, 93, 96, 90, 93, 88, 92, 80, 79, 69],
  [95, 92, 91, 81, 92, 84, 82, 70, 71, 63],
  [94, 87, 89, 75, 86, 72, 76, 57, 65, 53],
  [90, 77, 77, 66, 74, 61, 59, 52, 58, 23],
  [86, 70, 74, 54, 72, 53, 57, 36, 47, 24],
  [73, 54, 55, 43, 61, 46, 51, 18, 24, 10],
];

/** Of each level of impact its place in a row, and the places of the sets below it. */
const impactPlaces = [
  { at: 0, below: [1, 2] },
  { at: 2, below: [3] },
  { at: 4, below: [] },
] as const;

/**
 * Base score of a CVSS 4.0 vector (specification, 8.2), whatever threat and environmental metrics it has besides. Undefined for other
 * versions, and for vectors without one of the base metrics or with a metric twice.
 */
export function cvss4(vector: string): VendorScore | undefined {
  const [head, ...parts] = vector.split('/');
  const metrics = new Map(parts.map((part) => part.split(':') as [string, string]));
  const stepOf = (metric: string) => steps[metric]?.[metrics.get(metric) ?? ''];
  const all = Object.keys(steps).map(stepOf);
  if (head !== 'CVSS:4.0' || metrics.size !== parts.length || all.includes(undefined)) return undefined;
  return { version: '4.0', score: scoreOf((metric) => stepOf(metric)!), vector };
}

function scoreOf(step: (metric: string) => number): number {
  if ([...impact.metrics, ...subsequentImpact.metrics].every((metric) => step(metric) === 2)) return 0;
  const at = {
    exploitability: exploitabilityLevel(step('AV'), step('PR'), step('UI')),
    complexity: step('AC') + step('AT') === 0 ? 0 : 1,
    impact: step('VC') + step('VI') === 0 ? 0 : impact.metrics.some((metric) => step(metric) === 0) ? 1 : 2,
    subsequentImpact: subsequentImpact.metrics.some((metric) => step(metric) === 0) ? 0 : 1,
  };
  const { at: place, below } = impactPlaces[at.impact]!;
  /** Undefined: there is no such set. */
  const score = (first: number, second: number, third: number, fourth: number) =>
    second > 1 || fourth > 1 ? undefined : scores[first * 2 + second]?.[third * 2 + fourth];
  const own = score(at.exploitability, at.complexity, place, at.subsequentImpact)!;
  const lower = [
    [
      exploitability,
      at.exploitability,
      score(at.exploitability + 1, at.complexity, place, at.subsequentImpact),
    ],
    [complexity, at.complexity, score(at.exploitability, at.complexity + 1, place, at.subsequentImpact)],
    [
      impact,
      at.impact,
      below
        .map((each) => score(at.exploitability, at.complexity, each, at.subsequentImpact)!)
        .sort((a, b) => b - a)[0],
    ],
    [
      subsequentImpact,
      at.subsequentImpact,
      score(at.exploitability, at.complexity, place, at.subsequentImpact + 1),
    ],
  ] as const;
  const parts = lower.flatMap(([group, level, next]) =>
    next === undefined ? [] : (own - next) * shareOf(group, level, step),
  );
  // Less known exploitation, which no base metric states, is a set below too, at no distance.
  const mean = parts.reduce((sum, part) => sum + part, 0) / (parts.length + 1);
  return Math.round(own - mean + roundingError) / 10;
}

/** Halves are rounded up, although binary fractions may be below them (specification, 8.2). */
const roundingError = 1e-5;

function exploitabilityLevel(vector: number, privileges: number, interaction: number): number {
  if (vector + privileges + interaction === 0) return 0;
  return vector < 3 && [vector, privileges, interaction].includes(0) ? 1 : 2;
}

/** Distance of a vector on the way to the next lower set, from 0 to 1. */
function shareOf({ metrics, levels }: Group, level: number, step: (metric: string) => number): number {
  const { worst, depth } = levels[level]!;
  const from = worst.find((each) => each.every((steps, at) => steps <= step(metrics[at]!)))!;
  return metrics.reduce((sum, metric, at) => sum + step(metric) - from[at]!, 0) / depth;
}
