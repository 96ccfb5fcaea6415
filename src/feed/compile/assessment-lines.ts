import {
  type Assessment,
  cvePlace,
  type EpssPercentiles,
  epssBlock,
  epssUnit,
  percentilesKey,
  ratingsRecord,
  type ScoresRecord,
  scoreCell,
} from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { KeyedText } from './line-file.ts';

/** A feed's data beside the distributions': assessments by id, and the percentiles of all EPSS scores. */
export interface Assessments {
  byId: ReadonlyMap<string, Assessment>;
  /** EpssPercentiles.least. */
  percentiles: readonly number[];
}

/** The lines of each file of assessments, by path; a file without lines is left out. */
export function assessmentFiles({ byId, percentiles }: Assessments): Map<string, KeyedText[]> {
  const sorted = [...byId.values()].sort((a, b) => compareCodeUnits(a.id, b.id));
  const files: [string, KeyedText[]][] = [
    ['index/ratings.jsonl', sorted.flatMap((assessment) => keyed(ratingsRecord(assessment)))],
    ['index/ratings.scores.jsonl', scoreLines(sorted)],
    [
      'index/exploited.jsonl',
      sorted.flatMap(({ id, exploited }) => keyed(exploited && { id, ...exploited })),
    ],
    ['index/epss.jsonl', epssLines(sorted, percentiles)],
  ];
  return new Map(files.filter(([, lines]) => lines.length > 0));
}

function keyed(record: { id: string } | undefined): KeyedText[] {
  if (!record) return [];
  const { id, ...rest } = record;
  const sorted = Object.entries(rest).sort(([a], [b]) => compareCodeUnits(a, b));
  return [{ key: id, text: JSON.stringify({ id, ...Object.fromEntries(sorted) }) }];
}

/** The whole of `index/ratings.scores.jsonl`. */
export function scoresText(assessments: readonly Assessment[]): string {
  return scoreLines(assessments)
    .map(({ text }) => `${text}\n`)
    .join('');
}

function scoreLines(assessments: readonly Assessment[]): KeyedText[] {
  const cells = byBlock(assessments, scoreCell);
  return cells.map(([block, scores]) => {
    const record: ScoresRecord = {
      block,
      numbers: scores.map(([number]) => String(number).padStart(3, '0')).join(''),
      scores: scores.map(([, cell]) => cell).join(''),
    };
    return { key: block, text: JSON.stringify(record) };
  });
}

/** Groups the values of CVEs by thousands of numbers; sorted. */
function byBlock<T>(
  assessments: readonly Assessment[],
  having: (assessment: Assessment) => T | undefined,
): [block: string, [number: number, value: T][]][] {
  const blocks = new Map<string, [number, T][]>();
  for (const assessment of assessments) {
    const place = cvePlace(assessment.id);
    const value = place && having(assessment);
    if (value === undefined) continue;
    const block = blocks.get(place!.block) ?? [];
    if (block.length === 0) blocks.set(place!.block, block);
    block.push([place!.at, value]);
  }
  for (const block of blocks.values()) block.sort(([a], [b]) => a - b);
  return [...blocks].sort(([a], [b]) => compareCodeUnits(a, b));
}

function epssLines(assessments: readonly Assessment[], least: readonly number[]): KeyedText[] {
  const blocks = byBlock(assessments, ({ epss }) => epss && Math.round(epss.probability * epssUnit));
  if (blocks.length === 0) return [];
  const table: EpssPercentiles = { table: percentilesKey, least };
  return [
    { key: percentilesKey, text: JSON.stringify(table) },
    ...blocks.map(([key, scores]) => ({ key, text: JSON.stringify(epssBlock(key, scores)) })),
  ];
}
