import { ScapfeedError } from '../../model/error.ts';
import {
  type Assessment,
  assessmentOf,
  type CvePlace,
  type CvssVersion,
  cellIn,
  cvePlace,
  type Epss,
  type EpssPercentiles,
  type Exploited,
  type ExploitedRecord,
  epssPercentile,
  epssUnit,
  isRejectedCell,
  percentilesKey,
  probabilityIn,
  type RatingSource,
  type RatingsRecord,
  type Score,
  scoreCell,
  scoreInCell,
  type Urgency,
} from '../../model/feed/index.ts';
import type { FeedFiles } from './feed-files.ts';

/** Reads facts about vulnerabilities from the files of a feed; each of the files may be missing. */
export interface AssessmentReader {
  /** All of it. */
  assessment(id: string): Assessment | undefined;
  /** The part that is needed for every verdict. */
  urgency(id: string): Urgency | undefined;
}

export function openAssessments(files: FeedFiles): AssessmentReader {
  const epss = openEpss(files);
  const exploited = openExploited(files);
  const scores = openScores(files, rated);
  function rated(id: string): Assessment | undefined {
    const line = files.lines('index/ratings.jsonl')?.find(id, 'id');
    return line === undefined ? undefined : assessmentOf(JSON.parse(line) as RatingsRecord);
  }
  const vectorOf: VectorOf = (id, version, source) =>
    rated(id)?.ratings.find((rating) => rating.source === source && rating.version === version)?.vector;
  return {
    assessment(id) {
      const ratings = rated(id);
      const known = exploited(id);
      const score = epss(cvePlace(id));
      if (!ratings && !known && !score) return undefined;
      return {
        ...(ratings ?? { id, ratings: [] }),
        ...(known && { exploited: known }),
        ...(score && { epss: score }),
      };
    },
    urgency(id) {
      const place = cvePlace(id);
      const cell = scores(id, place);
      const known = exploited(id);
      const score = epss(place);
      if (cell === undefined && !known && !score) return undefined;
      return new StoredUrgency(id, cell, known, score, vectorOf);
    },
  };
}

type VectorOf = (id: string, version: CvssVersion, source: RatingSource) => string | undefined;

/** Reads vectors when they are asked for: a table shows none. Plain fields: a scan makes one for each of its flaws. */
class StoredUrgency implements Urgency {
  readonly id: string;
  readonly cell: string | undefined;
  readonly rejected: boolean;
  readonly exploited: Exploited | undefined;
  readonly epss: Epss | undefined;
  readonly vectorOf: VectorOf;

  constructor(
    id: string,
    cell: string | undefined,
    exploited: Exploited | undefined,
    epss: Epss | undefined,
    vectorOf: VectorOf,
  ) {
    this.id = id;
    this.cell = cell;
    this.rejected = cell !== undefined && isRejectedCell(cell);
    this.exploited = exploited;
    this.epss = epss;
    this.vectorOf = vectorOf;
  }

  score(source: RatingSource): Score | undefined {
    const { id, cell, vectorOf } = this;
    const found = cell === undefined ? undefined : scoreInCell(cell, source);
    if (!found) return undefined;
    const { version, score } = found;
    return {
      version,
      score,
      get vector() {
        return vectorOf(id, version, source) ?? '';
      },
    };
  }
}

/** The scores of an id; undefined: it has none. Odd ids are in the ratings alone, and so are all in feeds of older versions. */
function openScores(
  files: FeedFiles,
  rated: AssessmentReader['assessment'],
): (id: string, place: CvePlace | undefined) => string | undefined {
  const blocks = files.table('index/ratings.scores.jsonl');
  return (id, place) => {
    if (blocks && place) {
      const line = blocks.find(place.block, 'block');
      return line === undefined ? undefined : cellIn(line, place.block, place.at);
    }
    const assessment = !blocks || id.startsWith('CVE-') ? rated(id) : undefined;
    return assessment && scoreCell(assessment);
  };
}

function openExploited(files: FeedFiles): (id: string) => Exploited | undefined {
  const catalog = files.table('index/exploited.jsonl');
  return (id) => {
    const line = catalog?.find(id, 'id');
    return line === undefined ? undefined : exploitedOf(line);
  };
}

function exploitedOf(line: string): Exploited {
  const { id: _, ...exploited } = JSON.parse(line) as ExploitedRecord;
  return exploited;
}

function openEpss(files: FeedFiles): (place: CvePlace | undefined) => Epss | undefined {
  const blocks = files.table('index/epss.jsonl');
  let least: readonly number[] | undefined;
  return (place) => {
    const line = place && blocks?.find(place.block, 'block');
    if (line === undefined) return undefined;
    if (!line.startsWith(firstText, firstTextAt + place!.block.length)) throw olderScores();
    const probability = probabilityIn(line, place!);
    if (probability === undefined) return undefined;
    least ??= percentiles(blocks?.find(percentilesKey, 'table'));
    return { probability: probability / epssUnit, percentile: epssPercentile(probability, least) };
  };
}

const firstTextAt = '{"block":"'.length;
const firstText = '","tens":"';

function olderScores(): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_FORMAT_UNSUPPORTED',
    message: 'the EPSS scores of this feed have the form of an older version',
    where: 'index/epss.jsonl',
    remedy: 'build or pull the feed again with this version',
  });
}

function percentiles(line: string | undefined): readonly number[] {
  return line === undefined ? [] : (JSON.parse(line) as EpssPercentiles).least;
}
