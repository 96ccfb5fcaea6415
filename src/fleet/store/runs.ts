import type { Feed } from '../../feed/read/feed.ts';
import { heldReasons } from '../judge/held.ts';
import type { Database, Queries } from './database.ts';
import { json } from './json.ts';
import { closeNumberGap } from './number-gap.ts';
import { isHeld } from './sole-right.ts';

/** A run's options, for the processes that do its jobs. */
export interface RunRow<Options = object> {
  id: number;
  feed: number;
  digest: string;
  options: Options;
}

/** A source of a feed, as the store keeps its identity. */
export interface KeptSource {
  id: string;
  name: string;
  records: number;
  /** Date of its newest document. */
  updated?: string;
  /** Error code for which it could not be updated. */
  failed?: string;
}

export interface KeptPlatform {
  id: string;
  name: string;
  updated: string;
  statements: number;
  marks: readonly string[];
  /** Why newer data was held back; absent: nothing is known of that, because an older version kept it. */
  held?: readonly string[];
}

/** SQL: the state of a row of fleet.runs. An open run without a holder of its right was interrupted: its process has died. */
export const runState = `CASE WHEN runs.state = 'open' AND NOT ${isHeld('run')} THEN 'broken' ELSE runs.state END`;

/** Keeps a feed's identity, and that of every source. Returns its number. */
export async function keepFeed(queries: Queries, feed: Feed, signed: boolean): Promise<number> {
  const { manifest } = feed;
  const sources: KeptSource[] = manifest.sources.map(({ id, name, records, failed }) => {
    const dates = manifest.inputs.flatMap(({ source, date }) =>
      source === id && date !== undefined ? date : [],
    );
    const updated = dates.sort().at(-1);
    return {
      id,
      name,
      records,
      ...(updated !== undefined && { updated }),
      ...(failed !== undefined && { failed }),
    };
  });
  const platforms: KeptPlatform[] = manifest.platforms.map((platform) => {
    const { id, name, updated, statements, marks = [] } = platform;
    return { id, name, updated, statements, marks, held: heldReasons(manifest, platform) };
  });
  const [row] = await queries.query<{ id: number }>(
    `INSERT INTO fleet.feeds (digest, created, signed, sources, platforms) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (digest) DO UPDATE SET signed = excluded.signed, platforms = excluded.platforms RETURNING id`,
    [feed.digest(), manifest.created, signed, json(sources), json(platforms)],
  );
  return row!.id;
}

/** Begins a run. One that is open was interrupted: this process alone has the right to run. */
export async function beginRun(
  database: Database,
  { feed, tool, options }: { feed: number; tool: string; options: object },
  now: Date,
): Promise<number> {
  return database.transaction(async (queries) => {
    await queries.query(`UPDATE fleet.runs SET state = 'broken', finished = $1 WHERE state = 'open'`, [now]);
    await closeNumberGap(queries, 'runs');
    const [row] = await queries.query<{ id: number }>(
      `INSERT INTO fleet.runs (state, started, feed, tool, options) VALUES ('open', $1, $2, $3, $4) RETURNING id`,
      [now, feed, tool, json(options)],
    );
    return row!.id;
  });
}

/**
 * The run that is open, for as long as the transaction: it cannot be broken off meanwhile. Undefined: it has been.
 */
export async function openRun<Options>(queries: Queries, run: number): Promise<RunRow<Options> | undefined> {
  const [row] = await queries.query<RunRow<Options>>(
    `SELECT runs.id, feed, feeds.digest, options FROM fleet.runs JOIN fleet.feeds ON feeds.id = feed
     WHERE runs.id = $1 AND state = 'open' FOR SHARE OF runs`,
    [run],
  );
  return row;
}

/** The newest run that was finished; undefined: there is none. */
export async function lastRun(queries: Queries): Promise<number | undefined> {
  const [row] = await queries.query<{ id: number | null }>(
    `SELECT max(id) AS id FROM fleet.runs WHERE state = 'finished'`,
  );
  return row?.id ?? undefined;
}
