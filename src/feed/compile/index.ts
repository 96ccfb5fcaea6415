import { undated } from '../../model/data-date.ts';
import {
  type FeedInput,
  type FeedOutput,
  type FeedPlatform,
  inputMarks,
  type Manifest,
  type OutsideRating,
  outsideRating,
  type PlatformIndex,
  type TableRow,
} from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { Assessments } from './assessment-lines.ts';
import type { Collector } from './collector.ts';
import { type Details, joinDetails } from './details.ts';
import { describePlatform, writeIndexes } from './index-writer.ts';
import { indexPlatform } from './platform-index.ts';

export { AssessmentCollector, joinAssessments, withTexts } from './assessment-collector.ts';
export type { Assessments } from './assessment-lines.ts';
export { Collector } from './collector.ts';
export { type Details, joinDetails } from './details.ts';

export interface Compiled {
  indexes: PlatformIndex[];
  details: Details;
  /** Other tables that the runtime reads, by name. */
  tables: ReadonlyMap<string, readonly TableRow[]>;
  assessments: Assessments;
}

/**
 * Compiles the statements of all sources to one index per platform, sorted and interned. Platforms are in id order.
 * `inputs` date the platforms: each has the date of its newest input. `created`: of the feed.
 */
export function compile(
  collectors: readonly Collector[],
  inputs: readonly FeedInput[],
  assessments: Assessments = { byId: new Map(), percentiles: [] },
  joined = joinDetails(collectors),
  severityFrom?: Manifest['severityFrom'],
  created = newestDate(inputs),
): Compiled {
  const details = { ...joined, ratings: outsideRatings(assessments, severityFrom) };
  const indexes = collectors.flatMap((collector) =>
    collector.platforms.map((collected) => {
      const own = inputs.filter(({ id }) => collected.data.inputs.includes(id));
      const updated = collected.data.updated ?? newestDate(own);
      const marks = [...new Set([...(collected.data.marks ?? []), ...inputMarks(own)])];
      const marked = { ...collected, data: { ...collected.data, marks } };
      const index = indexPlatform(marked, collector.ledger.source, updated, details, collector.ledger);
      return { ...index, created };
    }),
  );
  indexes.sort((a, b) => compareCodeUnits(a.platform.id, b.platform.id));
  const tables = new Map(collectors.flatMap((collector) => [...collector.tables]));
  return { indexes, details, tables, assessments };
}

function outsideRatings({ byId }: Assessments, order: Manifest['severityFrom']): Details['ratings'] {
  const ratings = new Map<string, OutsideRating>();
  for (const [id, assessment] of byId) {
    const rating = outsideRating(assessment, order);
    if (rating) ratings.set(id, rating);
  }
  return ratings;
}

/** Writes the index files below root and returns their entries for the manifest. */
export function writeCompiled(
  root: string,
  { indexes, details, tables, assessments }: Compiled,
): { outputs: FeedOutput[]; platforms: FeedPlatform[] } {
  const outputs = writeIndexes(root, indexes, details, tables, assessments);
  return { outputs, platforms: indexes.map(describePlatform) };
}

/** The newest date of the inputs. Without any, the data counts as too old for every limit. */
export function newestDate(inputs: readonly Pick<FeedInput, 'date'>[]): string {
  const dates = inputs.flatMap(({ date }) => date ?? []).sort((a, b) => Date.parse(a) - Date.parse(b));
  return dates.at(-1) ?? undated;
}
