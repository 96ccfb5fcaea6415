import type { FleetStatus, UnsentNews, WaiverState } from '../../model/fleet/index.ts';
import { watchedImages } from '../news/watched.ts';
import { jobCounts } from '../queue/job-counts.ts';
import type { Database, Queries } from './database.ts';
import { type KeptPlatform, type KeptSource, runState } from './runs.ts';
import { listWaivers } from './waivers.ts';

/** The state of the fleet: when the last run was, by which feed, and what it left open. */
export async function fleetStatus(database: Database, now: Date): Promise<FleetStatus> {
  const [run] = await database.query<RunRow>(
    `SELECT runs.id, ${runState} AS state, started, finished, tool, summary, digest, created, signed, sources, platforms
     FROM fleet.runs JOIN fleet.feeds ON feeds.id = feed ORDER BY runs.id DESC LIMIT 1`,
  );
  const [counts] = await database.query<{
    names: number;
    images: number;
    packages: number;
    unread: number;
    waived: number;
  }>(
    `SELECT (SELECT count(*) FROM fleet.names WHERE removed IS NULL)::integer AS names,
       (SELECT count(*) FROM fleet.images)::integer AS images, (SELECT count(*) FROM fleet.packages)::integer AS packages,
       (SELECT count(*) FROM fleet.unread JOIN fleet.names ON names.id = name
          WHERE to_run IS NULL AND removed IS NULL)::integer AS unread,
       (SELECT coalesce(sum((counts->>'waived')::integer), 0) FROM fleet.image_counts
          WHERE image IN (${watchedImages}))::integer AS waived`,
  );
  const waivers = await listWaivers(database, now, 'all');
  const inState = (state: WaiverState) => waivers.filter((waiver) => waiver.state === state).length;
  const [queue] = await database.query<{ there: boolean }>(
    `SELECT to_regclass('fleet_queue.job') IS NOT NULL AS there`,
  );
  return {
    database: database.place,
    ...counts!,
    waivers: { used: inState('used'), unused: inState('unused'), expired: inState('expired') },
    run: run
      ? {
          ...{ number: run.id, state: run.state, started: run.started.toISOString(), tool: run.tool },
          ...(run.finished && { finished: run.finished.toISOString() }),
          ...(run.summary && { summary: run.summary }),
          feed: {
            ...{ digest: run.digest, created: run.created.toISOString(), signed: run.signed },
            ...{ sources: run.sources, platforms: run.platforms },
          },
        }
      : null,
    unsent: await unsentNews(database),
    queue: queue!.there ? await jobCounts(database) : {},
  };
}

/** The newest that wait or were given up; what was sent is not a matter any more. */
const unsentShown = 50;

async function unsentNews(queries: Queries): Promise<UnsentNews[]> {
  const rows = await queries.query<UnsentNews>(
    `SELECT run, kind, place, attempts, error, state = 'failed' AS "isOver" FROM fleet.deliveries WHERE state <> 'sent'
     ORDER BY run DESC, kind DESC, id LIMIT ${unsentShown}`,
  );
  return rows.map((row) => ({ ...row, place: row.kind === 'mail' ? row.place : new URL(row.place).origin }));
}

interface RunRow {
  id: number;
  state: string;
  started: Date;
  finished: Date | null;
  tool: string;
  summary: NonNullable<FleetStatus['run']>['summary'] | null;
  digest: string;
  created: Date;
  signed: boolean;
  sources: KeptSource[];
  platforms: KeptPlatform[];
}
