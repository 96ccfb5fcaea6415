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
  type Rating,
  type RatingSource,
  type RatingsRecord,
  type Urgency,
} from '../../model/index.ts';
import type { LineReader } from './line-reader.ts';

/** How the files of a feed are read; undefined: there is no such file. */
export interface FeedFiles {
  lines(path: string): LineReader | undefined;
  whole(path: string): string | undefined;
}

/** What the files of a feed say about vulnerabilities; each of the files may be missing. */
export interface AssessmentReader {
  /** All of it. */
  assessment(id: string): Assessment | undefined;
  /** The part that is needed for every verdict; cheapest when ids are asked in code-unit order. */
  urgency(id: string): Urgency | undefined;
}

export function openAssessments(files: FeedFiles): AssessmentReader {
  const epss = openEpss(files);
  const ratings = openOnce(files, 'index/ratings.jsonl');
  const ratingsOf = (id: string) => ratings()?.find(id, 'id');
  let catalog: ReadonlyMap<string, string> | undefined;
  function exploited(id: string): Exploited | undefined {
    // A hundred kilobytes, which most ids are not in.
    catalog ??= linesById(files.whole('index/exploited.jsonl'));
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
      return new StoredUrgency(line, known, score);
    },
  };
}

/** Keeps the line of ratings, of which most is asked by nobody. */
class StoredUrgency implements Urgency {
  readonly #line: string | undefined;
  readonly rejected?: true;
  readonly exploited?: Exploited;
  readonly epss?: Epss;

  constructor(line: string | undefined, exploited: Exploited | undefined, epss: Epss | undefined) {
    this.#line = line;
    if (line !== undefined && isRejected(line)) this.rejected = true;
    if (exploited) this.exploited = exploited;
    if (epss) this.epss = epss;
  }

  rating(source: RatingSource): Rating | undefined {
    return this.#line === undefined ? undefined : newestRating(this.#line, source);
  }
}

/** Opens a file at its first use. */
function openOnce(files: FeedFiles, path: string): () => LineReader | undefined {
  let opened: { lines: LineReader | undefined } | undefined;
  return () => {
    opened ??= { lines: files.lines(path) };
    return opened.lines;
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
function openEpss(files: FeedFiles): (id: string) => Epss | undefined {
  const lines = openOnce(files, 'index/epss.jsonl');
  let key: string | undefined;
  let block: EpssCursor | undefined;
  let least: readonly number[] | undefined;
  return (id) => {
    const place = epssPlace(id);
    if (!place) return undefined;
    if (place.block !== key) {
      key = place.block;
      block = openBlock(lines()?.find(key, 'block'));
    }
    const probability = block && probabilityAt(block, place.at);
    if (probability === undefined) return undefined;
    least ??= percentiles(lines()?.find(percentilesKey, 'table'));
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
  const { block, gaps, probability } = JSON.parse(line) as EpssBlock;
  return { block, gaps, probability, at: 0, number: gaps[0]! };
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
