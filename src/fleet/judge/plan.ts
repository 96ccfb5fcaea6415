import type { Queries } from '../store/database.ts';
import type { FeedChanges } from './feed-lines.ts';

/** A share of a run's judging: packages of one system, in the order of the feed's shards. */
export interface JudgeJob {
  run: number;
  system: number;
  packages: number[];
}

/**
 * Most packages of a job, to read each block of a shard about once, and the fewest, below which a job's own cost counts. In between
 * it has a share of what is left: the last jobs are small, and whoever has one of them does not keep the others waiting.
 */
const [most, fewest, share] = [1500, 150, 1 / 16];

/**
 * The packages that must be judged: new ones, those that a broken run has begun with, and those that something changed for.
 * Everything else keeps its verdicts. `all`: verdicts are made otherwise than before.
 */
export async function planJudging(
  queries: Queries,
  run: number,
  { names, vulnerabilities, rows, platforms }: FeedChanges,
  systems: readonly number[],
  all: boolean,
): Promise<JudgeJob[]> {
  const wanted = await queries.query<{ id: number; system: number }>(
    all
      ? `${candidates} WHERE covered.platform IS NOT NULL ${inShardOrder}`
      : `${candidates} WHERE ${isConcerned} ${inShardOrder}`,
    all ? [] : [[...names], [...vulnerabilities], [...rows], [...platforms], systems],
  );
  return inJobs(run, wanted);
}

const candidates = `SELECT packages.id, packages.system FROM fleet.packages
  JOIN fleet.systems ON systems.id = packages.system
  JOIN fleet.coverage AS covered ON covered.system = packages.system AND covered.to_run IS NULL`;

const inShardOrder =
  'ORDER BY packages.system, packages.source COLLATE "C", packages.name COLLATE "C", packages.id';

// The name of a container's repository is a row's; its statements stand under it with a prefix.
const isConcerned = `covered.platform IS NOT NULL AND (
  packages.judged_run IS NULL
  OR packages.judged_run IN (SELECT id FROM fleet.runs WHERE state = 'broken')
  OR packages.name = ANY($1::text[])
  OR packages.source = ANY($1::text[])
  OR packages.type = 'oci' AND EXISTS (SELECT FROM unnest($1::text[]) AS changed WHERE changed LIKE 'oci:%')
  OR packages.id IN (SELECT package FROM fleet.verdicts WHERE to_run IS NULL AND vulnerability = ANY($2::text[]))
  OR systems.rows && $3::text[]
  OR covered.platform = ANY($4::text[])
  OR packages.type = ANY($4::text[])
  OR packages.facts ? 'owner' AND (packages.facts->'owner'->>'name' = ANY($1::text[])
    OR packages.facts->'owner'->'source'->>'name' = ANY($1::text[]))
  OR packages.system = ANY($5::integer[]))`;

function inJobs(run: number, wanted: readonly { id: number; system: number }[]): JudgeJob[] {
  const jobs: JudgeJob[] = [];
  let size = 0;
  for (const [at, { id, system }] of wanted.entries()) {
    const last = jobs.at(-1);
    if (last?.system === system && last.packages.length < size) last.packages.push(id);
    else {
      jobs.push({ run, system, packages: [id] });
      size = Math.min(most, Math.max(fewest, Math.ceil((wanted.length - at) * share)));
    }
  }
  return jobs;
}
