import {
  type Assessment,
  assessmentOf,
  type Epss,
  type EpssBlock,
  type EpssPercentiles,
  type Exploited,
  type ExploitedRecord,
  epssPercentile,
  epssPlace,
  epssUnit,
  isRejected,
  newestRating,
  percentilesKey,
  type RatingsRecord,
  type Urgency,
} from '../../model/index.ts';

/** Finds a line by the value of its first field; undefined: no such line or file. */
export type FindLine = (path: string, key: string, field: string) => string | undefined;

/** The text of a whole file; undefined: no such file. */
export type ReadWhole = (path: string) => string | undefined;

/** What the files of a feed say about vulnerabilities; each of the files may be missing. */
export interface AssessmentReader {
  /** All of it. */
  assessment(id: string): Assessment | undefined;
  /** The part that is needed for every verdict; cheapest when ids are asked in code-unit order. */
  urgency(id: string): Urgency | undefined;
}

export function openAssessments(find: FindLine, readWhole: ReadWhole): AssessmentReader {
  const epss = openEpss(find);
  const ratingsOf = (id: string) => find('index/ratings.jsonl', id, 'id');
  let catalog: ReadonlyMap<string, string> | undefined;
  function exploited(id: string): Exploited | undefined {
    // A hundred kilobytes, which most ids are not in.
    catalog ??= linesById(readWhole('index/exploited.jsonl'));
    const line = catalog.get(id);
    return line === undefined ? undefined : exploitedOf(line);
  }
  return {
    assessment(id) {
      const line = ratingsOf(id);
      const known = exploited(id);
      const score = epss(id);
      if (line === undefined && !known && !score) return undefined;
      const rated =
        line === undefined ? { id, ratings: [] } : assessmentOf(JSON.parse(line) as RatingsRecord);
      return { ...rated, ...(known && { exploited: known }), ...(score && { epss: score }) };
    },
    urgency(id) {
      const line = ratingsOf(id);
      const known = exploited(id);
      const score = epss(id);
      if (line === undefined && !known && !score) return undefined;
      const urgency: Urgency = {
        rating: (source) => (line === undefined ? undefined : newestRating(line, source)),
      };
      if (line !== undefined && isRejected(line)) urgency.rejected = true;
      if (known) urgency.exploited = known;
      if (score) urgency.epss = score;
      return urgency;
    },
  };
}

/** Lines that begin with `{"id":"…"`. */
function linesById(text = ''): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line !== '') lines.set(line.slice(7, line.indexOf('"', 7)), line);
  }
  return lines;
}

function exploitedOf(line: string): Exploited {
  const { id: _, ...exploited } = JSON.parse(line) as ExploitedRecord;
  return exploited;
}

/** Keeps the last block, and how far it was read: ids that are asked in order pass through each block once. */
function openEpss(find: FindLine): (id: string) => Epss | undefined {
  const path = 'index/epss.jsonl';
  let key: string | undefined;
  let block: EpssCursor | undefined;
  let least: readonly number[] | undefined;
  return (id) => {
    const place = epssPlace(id);
    if (!place) return undefined;
    if (place.block !== key) {
      key = place.block;
      block = openBlock(find(path, key, 'block'));
    }
    const probability = block && probabilityAt(block, place.at);
    if (probability === undefined) return undefined;
    least ??= percentiles(find(path, percentilesKey, 'table'));
    return { probability: probability / epssUnit, percentile: epssPercentile(probability, least) };
  };
}

function percentiles(line: string | undefined): readonly number[] {
  return line === undefined ? [] : (JSON.parse(line) as EpssPercentiles).least;
}

/** A block, and a place in it: the `at`-th entry of its lists is of this number. */
interface EpssCursor extends EpssBlock {
  at: number;
  number: number;
}

function openBlock(line: string | undefined): EpssCursor | undefined {
  if (line === undefined) return undefined;
  const block = JSON.parse(line) as EpssBlock;
  return { ...block, at: 0, number: block.gaps[0]! };
}

function probabilityAt(cursor: EpssCursor, wanted: number): number | undefined {
  const { gaps, probability } = cursor;
  let { at, number } = cursor;
  if (number > wanted) {
    at = 0;
    number = gaps[0]!;
  }
  while (number < wanted && at + 1 < gaps.length) {
    at += 1;
    number += gaps[at]! + 1;
  }
  cursor.at = at;
  cursor.number = number;
  return number === wanted ? probability[at] : undefined;
}
