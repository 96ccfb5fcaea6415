import {
  compareCodeUnits,
  type FeedInput,
  type FeedOutput,
  type FeedPlatform,
  inputMarks,
  type PlatformIndex,
  type TableRow,
} from '../../model/index.ts';
import type { Collector } from './collector.ts';
import { type Details, joinDetails } from './details.ts';
import { describePlatform, writeIndexes } from './index-writer.ts';
import { newestDate } from './manifest.ts';
import { indexPlatform } from './platform-index.ts';

export { Collector } from './collector.ts';
export { makeManifest, newestDate } from './manifest.ts';

export interface Compiled {
  indexes: PlatformIndex[];
  details: Details;
  /** What the runtime looks up beside shards and details, by the table's name. */
  tables: ReadonlyMap<string, readonly TableRow[]>;
}

/**
 * Statements of all sources -> one index a platform, sorted and interned. Platforms are in id order.
 * `inputs` date the platforms: each is as new as the newest input that speaks of it.
 */
export function compile(collectors: readonly Collector[], inputs: readonly FeedInput[]): Compiled {
  const details = joinDetails(collectors);
  const indexes = collectors.flatMap((collector) =>
    collector.platforms.map((collected) => {
      const own = inputs.filter(({ id }) => collected.data.inputs.includes(id));
      const updated = collected.data.updated ?? newestDate(own);
      const marks = [...new Set([...(collected.data.marks ?? []), ...inputMarks(own)])];
      const marked = { ...collected, data: { ...collected.data, marks } };
      return indexPlatform(marked, collector.ledger.source, updated, details, collector.ledger);
    }),
  );
  indexes.sort((a, b) => compareCodeUnits(a.platform.id, b.platform.id));
  return { indexes, details, tables: new Map(collectors.flatMap(({ tables }) => [...tables])) };
}

/** Writes the index files below root and says what the manifest must hold of them. */
export function writeCompiled(
  root: string,
  { indexes, details, tables }: Compiled,
): { outputs: FeedOutput[]; platforms: FeedPlatform[] } {
  return { outputs: writeIndexes(root, indexes, details, tables), platforms: indexes.map(describePlatform) };
}
