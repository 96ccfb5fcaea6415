import { busy } from '../../fleet/busy.ts';
import type { Database } from '../../fleet/store/database.ts';
import { type Pruned, prune, type Retention } from '../../fleet/store/prune.ts';

const year = 365 * 86_400_000;

/** Default retention: milliseconds, and runs whatever their age. */
export const usualRetention = { keepFor: year, keepRuns: 30 };

/** Forgets what is old. @throws {ScapfeedError} FEED_LOCKED: a run is at work */
export async function pruneFleet(database: Database, retention: Retention): Promise<Pruned> {
  const pruned = await database.alone('run', () => prune(database, retention));
  if (!pruned) throw busy(database);
  return pruned;
}
