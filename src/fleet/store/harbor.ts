import type { HarborQueue, Queue, TakenJob } from '../queue/queue.ts';
import type { Queries } from './database.ts';

/** The documents that Harbor asks for: one of flaws, and the SBOM by its media type. */
export const harborReportKinds = ['vulnerability', 'spdx', 'cyclonedx'] as const;
export type HarborReportKind = (typeof harborReportKinds)[number];

/** The artifact of a request, as it was named. */
export interface HarborArtifact {
  repository: string;
  digest: string;
  tag?: string;
  mime_type?: string;
}

export interface HarborScan {
  id: string;
  artifact: HarborArtifact;
  reports: readonly HarborReportKind[];
  state: 'waiting' | 'active' | 'finished' | 'failed';
  accepted: Date;
  ended: Date | null;
  failure: string | null;
  /** When its server gave its last sign of life; null: it has ended. */
  seen: Date | null;
}

/** A report of an image, valid for some time. */
export interface HarborReport {
  kind: HarborReportKind;
  /** Identifies its inputs besides the image: feed, options, program. */
  basis: string;
  body: Buffer;
  validUntil: Date;
}

/** Milliseconds for which a scan and its reports are kept after the scan; Harbor asks for half an hour at most. */
const keptFor = 3_600_000;

/** Records that a server lives. */
export async function touchHarborServer(queries: Queries, server: string, now: Date): Promise<void> {
  await queries.query(
    'INSERT INTO fleet.harbor_servers VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen',
    [server, now],
  );
}

/** Forgets servers, and ends the scans that they accepted: nobody else has the credentials. Returns their ids. */
export async function endHarborServers(
  queries: Queries,
  which: { server: string } | { silentSince: Date },
  now: Date,
): Promise<string[]> {
  const rows = await queries.query<{ id: string }>(
    'DELETE FROM fleet.harbor_servers WHERE id = $1 OR seen < $2 RETURNING id',
    'server' in which ? [which.server, null] : [null, which.silentSince],
  );
  const ended = rows.map(({ id }) => id);
  await queries.query(
    `UPDATE fleet.harbor_scans SET state = 'failed', ended = $2, failure = $3
     WHERE server = ANY ($1::uuid[]) AND state IN ('waiting', 'active')`,
    [ended, now, serverEnded],
  );
  return ended;
}

/** Reason of a scan whose credentials are gone. */
export const serverEnded =
  'the server that accepted this scan has ended, and with it the credentials for the registry; scan again';

export async function addHarborScan(
  queries: Queries,
  {
    id,
    server,
    artifact,
    reports,
    accepted,
  }: Pick<HarborScan, 'id' | 'artifact' | 'reports' | 'accepted'> & {
    server: string;
  },
): Promise<void> {
  await queries.query(
    'INSERT INTO fleet.harbor_scans (id, server, artifact, reports, accepted) VALUES ($1, $2, $3::jsonb, $4::text[], $5)',
    [id, server, JSON.stringify(artifact), [...reports], accepted],
  );
}

export async function beginHarborScan(queries: Queries, id: string): Promise<void> {
  await queries.query(`UPDATE fleet.harbor_scans SET state = 'active' WHERE id = $1 AND state = 'waiting'`, [
    id,
  ]);
}

export async function harborScan(queries: Queries, id: string): Promise<HarborScan | undefined> {
  const [row] = await queries.query<HarborScan>(
    `SELECT scans.id, artifact, reports, state, accepted, ended, failure, seen
     FROM fleet.harbor_scans AS scans LEFT JOIN fleet.harbor_servers AS servers ON servers.id = server WHERE scans.id = $1`,
    [id],
  );
  return row;
}

/** The kinds of reports of an image that are kept, and still valid. */
export async function validHarborReports(
  queries: Queries,
  digest: string,
  bases: readonly string[],
  now: Date,
): Promise<ReadonlySet<HarborReportKind>> {
  const rows = await queries.query<{ kind: HarborReportKind }>(
    'SELECT kind FROM fleet.harbor_reports WHERE digest = $1 AND basis = ANY ($2::text[]) AND valid_until > $3',
    [digest, [...bases], now],
  );
  return new Set(rows.map(({ kind }) => kind));
}

/** The report of a scan that has finished: the last one, as one by the feed of before may be kept beside it. */
export async function harborReportOf(
  queries: Queries,
  scan: string,
  kind: HarborReportKind,
): Promise<(Pick<HarborReport, 'body'> & { made: Date }) | undefined> {
  const [row] = await queries.query<{ body: Uint8Array; made: Date }>(
    `SELECT body, made FROM fleet.harbor_scans AS scans JOIN fleet.harbor_reports AS reports
       ON reports.digest = artifact->>'digest' AND reports.basis = ANY (bases) AND kind = $2
     WHERE scans.id = $1 AND state = 'finished' AND kind = ANY (scans.reports) ORDER BY made DESC LIMIT 1`,
    [scan, kind],
  );
  return row && { body: Buffer.from(row.body), made: row.made };
}

export type HarborJob = TakenJob<{ scan: string }, HarborQueue>;

/** Ends a scan and its job, with what it made or with the reason of its failure. */
export async function endHarborScan(
  { queries, queue }: { queries: Queries; queue: Queue },
  job: HarborJob,
  outcome:
    | { digest: string; bases: readonly string[]; reports: readonly HarborReport[] }
    | { failure: string },
  now: Date,
): Promise<void> {
  const { scan } = job.data;
  if ('failure' in outcome) {
    await queries.query(
      `UPDATE fleet.harbor_scans SET state = 'failed', ended = $2, failure = $3 WHERE id = $1`,
      [scan, now, outcome.failure.replaceAll('\0', '')],
    );
  } else {
    for (const { kind, basis, body, validUntil } of outcome.reports)
      await queries.query(
        `INSERT INTO fleet.harbor_reports (digest, kind, basis, body, made, valid_until) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (digest, kind, basis) DO UPDATE
           SET body = excluded.body, made = excluded.made, valid_until = excluded.valid_until`,
        [outcome.digest, kind, basis, body, now, validUntil],
      );
    await queries.query(
      `UPDATE fleet.harbor_scans SET state = 'finished', ended = $2, bases = $3::text[] WHERE id = $1`,
      [scan, now, [...outcome.bases]],
    );
  }
  await queue.complete(job, queries);
}

/** Deletes scans that nobody asks for any more, and reports that no other scan can use. */
export async function pruneHarbor(queries: Queries, now: Date): Promise<void> {
  const before = new Date(now.getTime() - keptFor);
  await queries.query(
    'DELETE FROM fleet.harbor_scans WHERE accepted < $1 AND coalesce(ended, accepted) < $1',
    [before],
  );
  await queries.query(
    `DELETE FROM fleet.harbor_reports AS reports WHERE valid_until < $1 AND NOT EXISTS (SELECT FROM fleet.harbor_scans
       WHERE artifact->>'digest' = reports.digest AND reports.basis = ANY (bases))`,
    [before],
  );
}

/** The scans that are kept, by state. */
export async function harborScanStates(queries: Queries): Promise<Record<HarborScan['state'], number>> {
  const rows = await queries.query<{ state: HarborScan['state']; count: number }>(
    'SELECT state, count(*)::integer AS count FROM fleet.harbor_scans GROUP BY state',
  );
  const none = { waiting: 0, active: 0, finished: 0, failed: 0 };
  return { ...none, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) };
}
