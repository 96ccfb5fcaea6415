import { undated } from '../../model/index.ts';
import { watchedImages } from '../news/watched.ts';
import type { Queries } from '../store/database.ts';
import type { KeptPlatform } from '../store/runs.ts';

const day = 86_400_000;

/**
 * Why what is shown would mislead; empty: it does not. A fleet that was not judged, or by a feed without data or with old data,
 * looks clean and is not.
 */
export async function unreadyReasons(
  queries: Queries,
  now: Date,
  maxAge: number | undefined,
): Promise<string[]> {
  const [last] = await queries.query<{ platforms: KeptPlatform[] }>(
    `SELECT platforms FROM fleet.runs JOIN fleet.feeds ON feeds.id = feed WHERE state = 'finished' ORDER BY runs.id DESC LIMIT 1`,
  );
  if (!last) return ['no run has judged anything yet'];
  const { platforms } = last;
  if (platforms.reduce((sum, { statements }) => sum + statements, 0) === 0)
    return ['the feed of the last run is empty'];
  if (maxAge === undefined) return [];
  const used = await queries.query<{ platform: string }>(
    `SELECT DISTINCT platform FROM fleet.coverage JOIN fleet.images ON images.system = coverage.system
     WHERE to_run IS NULL AND platform IS NOT NULL AND images.id IN (${watchedImages})`,
  );
  const judging = new Set(used.map(({ platform }) => platform));
  // Before there are images, all data counts.
  return platforms
    .filter(({ id }) => judging.size === 0 || judging.has(id))
    .filter(({ updated }) => now.getTime() - Date.parse(updated) > maxAge)
    .map(({ id, updated }) => {
      if (updated === undated) return `the data of ${id} has no date`;
      const age = Math.floor((now.getTime() - Date.parse(updated)) / day);
      return `the data of ${id} is ${age} days old, and may be ${Math.floor(maxAge / day)}`;
    });
}
