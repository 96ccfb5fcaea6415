import type { Queries } from '../store/database.ts';
import { type JobKind, jobKinds } from './queue.ts';

/** Jobs of a kind: that wait, that a process works on, and that were given up. */
export interface JobCounts {
  waiting: number;
  active: number;
  failed: number;
}

/** By kind, as of now. Read from pg-boss's own table, whose statistics are a minute old. */
export async function jobCounts(queries: Queries): Promise<Record<JobKind, JobCounts>> {
  const rows = await queries.query<JobCounts & { name: JobKind }>(
    `SELECT name, count(*) FILTER (WHERE state IN ('created', 'retry'))::integer AS waiting,
       count(*) FILTER (WHERE state = 'active')::integer AS active,
       count(*) FILTER (WHERE state = 'failed')::integer AS failed
     FROM fleet_queue.job GROUP BY name`,
  );
  const found = new Map(rows.map(({ name, waiting, active, failed }) => [name, { waiting, active, failed }]));
  const none = { waiting: 0, active: 0, failed: 0 };
  return Object.fromEntries(jobKinds.map((kind) => [kind, found.get(kind) ?? none])) as Record<
    JobKind,
    JobCounts
  >;
}

/** Kinds of jobs that could be started now. Idle workers ask several times a second. */
export async function waitingKinds(queries: Queries): Promise<ReadonlySet<JobKind>> {
  const rows = await queries.query<{ kind: JobKind }>(
    `SELECT kind FROM unnest($1::text[]) AS kind WHERE EXISTS (SELECT FROM fleet_queue.job
       WHERE name = kind AND state < 'active' AND NOT blocked AND start_after <= fleet_queue.job_now())`,
    [jobKinds],
  );
  return new Set(rows.map(({ kind }) => kind));
}
