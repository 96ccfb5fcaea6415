import {
  type Assessment,
  compareCodeUnits,
  type EpssBlock,
  type EpssPercentiles,
  epssPlace,
  epssUnit,
  percentilesKey,
  ratingsRecord,
} from '../../model/index.ts';
import type { KeyedLine } from './line-file.ts';

/** What a feed has beside the distributions' data: assessments by id, and the percentiles of all EPSS scores. */
export interface Assessments {
  byId: ReadonlyMap<string, Assessment>;
  /** EpssPercentiles.least. */
  percentiles: readonly number[];
}

/** The lines of each file of assessments, by path; a file without lines is left out. */
export function assessmentFiles({ byId, percentiles }: Assessments): Map<string, KeyedLine[]> {
  const sorted = [...byId.values()].sort((a, b) => compareCodeUnits(a.id, b.id));
  const files: [string, KeyedLine[]][] = [
    ['index/ratings.jsonl', sorted.flatMap((assessment) => keyed(ratingsRecord(assessment)))],
    [
      'index/exploited.jsonl',
      sorted.flatMap(({ id, exploited }) => keyed(exploited && { id, ...exploited })),
    ],
    ['index/epss.jsonl', epssLines(sorted, percentiles)],
  ];
  return new Map(files.filter(([, lines]) => lines.length > 0));
}

function keyed(record: { id: string } | undefined): KeyedLine[] {
  if (!record) return [];
  const { id, ...rest } = record;
  const sorted = Object.entries(rest).sort(([a], [b]) => compareCodeUnits(a, b));
  return [{ key: id, text: JSON.stringify({ id, ...Object.fromEntries(sorted) }) }];
}

function epssLines(assessments: readonly Assessment[], least: readonly number[]): KeyedLine[] {
  const blocks = new Map<string, [number, number][]>();
  for (const { id, epss } of assessments) {
    const place = epss && epssPlace(id);
    if (!place) continue;
    const scores = blocks.get(place.block) ?? [];
    if (scores.length === 0) blocks.set(place.block, scores);
    scores.push([place.at, Math.round(epss.probability * epssUnit)]);
  }
  if (blocks.size === 0) return [];
  const table: EpssPercentiles = { table: percentilesKey, least };
  const keys = [...blocks.keys()].sort(compareCodeUnits);
  return [
    { key: percentilesKey, text: JSON.stringify(table) },
    ...keys.map((key) => ({ key, text: JSON.stringify(epssBlock(key, blocks.get(key)!)) })),
  ];
}

function epssBlock(block: string, scores: [number, number][]): EpssBlock {
  scores.sort(([a], [b]) => a - b);
  let next = 0;
  const gaps = scores.map(([number]) => {
    const gap = number - next;
    next = number + 1;
    return gap;
  });
  return { block, gaps, probability: scores.map(([, probability]) => probability) };
}
