import type { Feed } from '../../feed/read/feed.ts';
import { isScapfeedError } from '../../model/error.ts';
import { isPastEndOfLife, unreadRecords } from '../../model/feed/index.ts';
import { type EcosystemId, ecosystemIds } from '../../model/inventory/index.ts';
import { choosePlatform } from '../../runtime/index.ts';
import { ecosystemAmong, languagesOnly } from '../../runtime/platform.ts';
import type { SystemFacts } from '../kept-parts.ts';
import type { Queries } from '../store/database.ts';
import type { FleetJudging } from './options.ts';

/**
 * The platform that judges a kind of system; `code`: why none does. With both it is an ecosystem: packages of languages alone are
 * judged, as by a scan.
 */
export interface SystemCoverage {
  platform?: string;
  /** The way in which it was chosen, and `unread_records`, which is a gap. */
  marks: readonly string[];
  code?: string;
  message?: string;
}

/** True if the release of a platform is past its end of life, as for a scan of that day. */
function hasEnded(feed: Feed, { platform: id }: SystemCoverage, now: Date): boolean {
  const platform = feed.manifest.platforms.find((each) => each.id === id);
  return platform !== undefined && isPastEndOfLife(platform, now);
}

/** `id`: number of the system. Chooses as `chooseJudging` does for a scan. */
export async function coverageOf(
  queries: Queries,
  feed: Feed,
  { id, facts }: KeptSystem,
  judging: FleetJudging,
): Promise<SystemCoverage> {
  const coverage = distributionCoverage(feed, facts, judging);
  if (coverage.platform !== undefined || facts.ecosystems) return coverage;
  const languages = await queries.query<{ type: EcosystemId }>(
    'SELECT DISTINCT type FROM fleet.packages WHERE system = $1 AND type = ANY($2::text[])',
    [id, ecosystemIds],
  );
  const ecosystem = ecosystemAmong(feed.manifest.platforms, languages);
  return ecosystem ? { ...coverage, platform: ecosystem.id, marks: [languagesOnly] } : coverage;
}

export interface KeptSystem {
  id: number;
  facts: SystemFacts;
}

/** Without a platform where the feed does not cover the system. */
export function distributionCoverage(
  feed: Feed,
  facts: SystemFacts,
  { platformMap }: FleetJudging,
): SystemCoverage {
  try {
    const languages = facts.ecosystems?.map((type) => ({ type }));
    const { platform, marks } = choosePlatform(
      feed.manifest.platforms,
      { ...facts, ...(languages && { languages }) },
      { map: new Map(platformMap) },
    );
    const unread = platform.marks?.includes(unreadRecords) ? [unreadRecords] : [];
    return { platform: platform.id, marks: [...marks, ...unread] };
  } catch (error) {
    if (!isScapfeedError(error) || !uncovered.has(error.code)) throw error;
    return { marks: [], code: error.code, message: error.message };
  }
}

const uncovered: ReadonlySet<string> = new Set(['PLATFORM_UNKNOWN', 'PLATFORM_NOT_COVERED']);

/**
 * Decides anew for every system, and keeps what is another than before. Returns the systems that need all judged again: also those
 * of which a run decided that was broken off.
 */
export async function refreshCoverage(
  queries: Queries,
  feed: Feed,
  judging: FleetJudging,
  run: number,
  today: Date,
): Promise<number[]> {
  const systems = await queries.query<KeptSystem>('SELECT id, facts FROM fleet.systems ORDER BY id');
  const open = await queries.query<OpenCoverage>(
    `SELECT id, system, platform, marks, code, message, from_run, ended_run,
       EXISTS (SELECT FROM fleet.runs WHERE runs.id = from_run AND state <> 'finished') AS unfinished
     FROM fleet.coverage WHERE to_run IS NULL`,
  );
  const before = new Map(open.map((row) => [row.system, row]));
  const changed: number[] = [];
  for (const { id, facts } of systems) {
    const now = await coverageOf(queries, feed, { id, facts }, judging);
    const was = before.get(id);
    const ended = hasEnded(feed, now, today) ? (was?.ended_run ?? run) : null;
    if (was && isSame(was, now)) {
      if (was.ended_run !== ended)
        await queries.query('UPDATE fleet.coverage SET ended_run = $2 WHERE id = $1', [was.id, ended]);
      if (was.unfinished && now.platform !== undefined) changed.push(id);
      continue;
    }
    if (was) await endCoverage(queries, was, run);
    await queries.query(
      `INSERT INTO fleet.coverage (system, platform, marks, code, message, from_run, ended_run)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, now.platform ?? null, [...now.marks], now.code ?? null, now.message ?? null, run, ended],
    );
    if (now.platform !== undefined) changed.push(id);
  }
  return changed;
}

interface OpenCoverage {
  id: number;
  system: number;
  platform: string | null;
  marks: string[];
  code: string | null;
  message: string | null;
  from_run: number;
  ended_run: number | null;
  unfinished: boolean;
}

async function endCoverage(
  queries: Queries,
  { id, from_run: from }: OpenCoverage,
  run: number,
): Promise<void> {
  if (from === run) await queries.query('DELETE FROM fleet.coverage WHERE id = $1', [id]);
  else await queries.query('UPDATE fleet.coverage SET to_run = $2 WHERE id = $1', [id, run]);
}

function isSame(was: OpenCoverage, { platform, marks, code }: SystemCoverage): boolean {
  return (
    was.platform === (platform ?? null) &&
    was.code === (code ?? null) &&
    JSON.stringify(was.marks) === JSON.stringify(marks)
  );
}
