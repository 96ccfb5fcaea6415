import {
  type Assessment,
  assessmentOf,
  type Epss,
  type EpssBlock,
  type EpssPercentiles,
  type ExploitedRecord,
  epssPercentile,
  epssPlace,
  epssUnit,
  percentilesKey,
  type RatingsRecord,
} from '../../model/index.ts';

/** Finds a line by the value of its first field; undefined: no such line or file. */
export type FindLine = (path: string, key: string, field: string) => string | undefined;

/** Joins what the files of a feed say about a vulnerability; each of the files may be missing. */
export function openAssessments(find: FindLine): (id: string) => Assessment | undefined {
  const epss = openEpss(find);
  return (id) => {
    const ratings = find('index/ratings.jsonl', id, 'id');
    const exploited = find('index/exploited.jsonl', id, 'id');
    const score = epss(id);
    if (ratings === undefined && exploited === undefined && score === undefined) return undefined;
    const assessment: Assessment =
      ratings === undefined ? { id, ratings: [] } : assessmentOf(JSON.parse(ratings) as RatingsRecord);
    if (exploited !== undefined) assessment.exploited = exploitedOf(exploited);
    if (score !== undefined) assessment.epss = score;
    return assessment;
  };
}

function exploitedOf(line: string): NonNullable<Assessment['exploited']> {
  const { id: _, ...exploited } = JSON.parse(line) as ExploitedRecord;
  return exploited;
}

/** Blocks are kept as they are parsed: the flaws of an image are in few of them. */
function openEpss(find: FindLine): (id: string) => Epss | undefined {
  const path = 'index/epss.jsonl';
  const blocks = new Map<string, ReadonlyMap<number, number>>();
  let least: readonly number[] | undefined;
  return (id) => {
    const place = epssPlace(id);
    if (!place) return undefined;
    let block = blocks.get(place.block);
    if (!block) {
      block = probabilities(find(path, place.block, 'block'));
      blocks.set(place.block, block);
    }
    const probability = block.get(place.at);
    if (probability === undefined) return undefined;
    least ??= percentiles(find(path, percentilesKey, 'table'));
    return { probability: probability / epssUnit, percentile: epssPercentile(probability, least) };
  };
}

function percentiles(line: string | undefined): readonly number[] {
  return line === undefined ? [] : (JSON.parse(line) as EpssPercentiles).least;
}

function probabilities(line: string | undefined): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  if (line === undefined) return found;
  const { gaps, probability } = JSON.parse(line) as EpssBlock;
  let number = -1;
  for (let at = 0; at < gaps.length; at++) {
    number += gaps[at]! + 1;
    found.set(number, probability[at]!);
  }
  return found;
}
