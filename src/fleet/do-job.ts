import { isScapfeedError } from '../model/error.ts';
import { type BaseJob, readBase } from './bases/base-jobs.ts';
import { type ComplyJob, keepProfileResult } from './complying.ts';
import { deliver } from './delivery/deliver.ts';
import { keepDelivery, type NewsJob } from './delivery/deliveries.ts';
import type { FleetContext, FleetRunOptions, KnownImage, ReadFailure, Sender } from './fleet.ts';
import { fromRegistries } from './from-registries.ts';
import { coverageOf } from './judge/coverage.ts';
import { judgePackages, type KeptFacts } from './judge/judge-packages.ts';
import type { JudgeJob } from './judge/plan.ts';
import type { SystemFacts } from './kept-parts.ts';
import { type JobKind, retries, type TakenJob } from './queue/queue.ts';
import { keepBase, keepReferred, keepStated } from './store/bases.ts';
import type { Queries } from './store/database.ts';
import { imageNumber, keepImage, keepSigned } from './store/images.ts';
import { json, storable } from './store/json.ts';
import { requireKeepable } from './store/keepable.ts';
import type { ReadImage } from './store/prepared-image.ts';
import { openRun, type RunRow } from './store/runs.ts';
import { keepJudged } from './store/verdicts.ts';
import { keepVerification } from './store/verifications.ts';
import { pointName } from './store/watches.ts';

/** Looks up a name, and reads its image if it has not been read before. */
export interface ReadJob {
  run: number;
  name: number;
  reference: string;
}

/** Does one job. All that it writes, and its end, is one transaction. */
export async function doJob(fleet: FleetContext, job: TakenJob): Promise<void> {
  await doers[job.kind](fleet, job);
}

const doers: Readonly<Record<JobKind, (fleet: FleetContext, job: TakenJob) => Promise<void>>> = {
  read: (fleet, job) => doRead(fleet, job as TakenJob<ReadJob>),
  base: (fleet, job) => doBase(fleet, job as TakenJob<BaseJob>),
  judge: (fleet, job) => doJudge(fleet, job as TakenJob<JudgeJob>),
  comply: (fleet, job) => doComply(fleet, job as TakenJob<ComplyJob>),
  news: (fleet, job) => doNews(fleet, job as TakenJob<NewsJob>),
};

/** Writes what a job found if its run is still open; its end in any case. */
async function settle(
  { database, queue }: FleetContext,
  job: TakenJob<{ run: number }>,
  write: (queries: Queries, run: RunRow<FleetRunOptions>) => Promise<void>,
): Promise<void> {
  await database.transaction(async (queries) => {
    const run = await openRun<FleetRunOptions>(queries, job.data.run);
    if (run) await write(queries, run);
    await queue.complete(job, queries);
  });
}

async function doRead(fleet: FleetContext, job: TakenJob<ReadJob>): Promise<void> {
  const { name, reference, run } = job.data;
  const found = await readImage(fleet, run, reference);
  try {
    await keepRead(fleet, job, found);
  } catch (error) {
    // The content of one image must not keep all others from being judged.
    if (job.attempt.retryCount < retries.read.retryLimit) throw error;
    const message = `the store does not keep it: ${error instanceof Error ? error.message : String(error)}`;
    await settle(fleet, job, (queries) => keepUnread(queries, name, { code: 'INTERNAL', message }, run));
    return;
  }
  if ('digest' in found && found.digest !== undefined) await fleet.known.add(found.digest);
}

async function keepRead(
  fleet: FleetContext,
  job: TakenJob<ReadJob>,
  found: ReadImage | KnownImage | ReadFailure,
): Promise<void> {
  const { tools } = fleet;
  const { name, run } = job.data;
  await settle(fleet, job, async (queries, { options }) => {
    if ('message' in found) return keepUnread(queries, name, found, run);
    const now = tools.now();
    const image =
      'inventory' in found
        ? await keepImage(queries, found, now, tools.tool)
        : await imageNumber(queries, found.digest);
    // It was pruned meanwhile; the next run reads it again.
    if (image === undefined) return;
    if (found.signed) await keepSigned(queries, image, found.signed);
    if (options.bases) await keepStated(queries, image, found.base);
    if ('verification' in found && found.verification)
      await keepVerification(queries, image, found.verification, now, tools.tool);
    await pointName(queries, name, image, now);
    await endUnread(queries, name, run);
  });
}

async function readImage(
  { database, tools, known }: FleetContext,
  run: number,
  reference: string,
): Promise<ReadImage | KnownImage | ReadFailure> {
  const digests = await known.of(run, database, tools.verifiesKnown === true);
  try {
    const found = await fromRegistries(tools, reference, () =>
      tools.read(reference, (digest) => digests.has(digest)),
    );
    if ('inventory' in found) requireKeepable(found.inventory, reference);
    return found;
  } catch (error) {
    if (!isScapfeedError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

async function keepUnread(
  queries: Queries,
  name: number,
  { code, message }: ReadFailure,
  run: number,
): Promise<void> {
  const [open] = await queries.query<{ code: string; message: string }>(
    'SELECT code, message FROM fleet.unread WHERE name = $1 AND to_run IS NULL',
    [name],
  );
  if (open?.code === code && open.message === message) return;
  await endUnread(queries, name, run);
  await queries.query('INSERT INTO fleet.unread (name, code, message, from_run) VALUES ($1, $2, $3, $4)', [
    ...[name, code, storable(message), run],
  ]);
}

async function endUnread(queries: Queries, name: number, run: number): Promise<void> {
  await queries.query('DELETE FROM fleet.unread WHERE name = $1 AND to_run IS NULL AND from_run = $2', [
    name,
    run,
  ]);
  await queries.query('UPDATE fleet.unread SET to_run = $2 WHERE name = $1 AND to_run IS NULL', [name, run]);
}

/** A base that cannot be read is a result, which the images that state it have. */
async function doBase(fleet: FleetContext, job: TakenJob<BaseJob>): Promise<void> {
  const run = await openRun<FleetRunOptions>(fleet.database, job.data.run);
  if (run && run.digest !== fleet.feed.digest()) throw new OtherFeed(run.digest);
  const found = run && (await readBase(fleet, job.data, run.options.judging));
  await settle(fleet, job, async (queries) => {
    if (!found) return;
    if ('contents' in found && found.found)
      await keepBase(queries, found.contents, found.found, job.data.run);
    await keepReferred(queries, job.data.reference, 'contents' in found ? found.contents : found);
  });
}

async function doJudge(fleet: FleetContext, job: TakenJob<JudgeJob>): Promise<void> {
  const { database, feed } = fleet;
  const { system, packages, run: number } = job.data;
  const run = await openRun<FleetRunOptions>(database, number);
  if (run && run.digest !== feed.digest()) throw new OtherFeed(run.digest);
  const [kept] = await database.query<{ facts: SystemFacts }>(
    'SELECT facts FROM fleet.systems WHERE id = $1',
    [system],
  );
  const facts = await database.query<KeptFacts>(
    'SELECT id, facts FROM fleet.packages WHERE id = ANY($1::integer[]) ORDER BY source COLLATE "C", name COLLATE "C", id',
    [packages],
  );
  const judged =
    run &&
    judgePackages(
      feed,
      kept!.facts,
      await coverageOf(database, feed, { id: system, facts: kept!.facts }, run.options.judging),
      facts,
      run.options.judging,
    );
  await settle(fleet, job, async (queries) => {
    if (!judged) return;
    await keepJudged(
      queries,
      number,
      facts.map(({ id }) => id),
      judged,
    );
    if (judged.rows.size === 0) return;
    await queries.query(
      `UPDATE fleet.systems SET rows = (SELECT array_agg(DISTINCT row ORDER BY row)
         FROM unnest(rows || ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) AS row) WHERE id = $1`,
      [system, json([...judged.rows])],
    );
  });
}

/** An image that was built again since the run began is left to the next one. */
async function doComply(fleet: FleetContext, job: TakenJob<ComplyJob>): Promise<void> {
  const { feed, tools } = fleet;
  const { reference, profile, digest } = job.data;
  const found = await evaluated(() =>
    fromRegistries(tools, reference, () => tools.comply(feed, reference, profile)),
  );
  await settle(fleet, job, async (queries) => {
    if (found.digest !== undefined && found.digest !== digest) return;
    await keepProfileResult(queries, job.data, found.outcome);
  });
}

async function evaluated(
  evaluate: () => ReturnType<FleetContext['tools']['comply']>,
): ReturnType<FleetContext['tools']['comply']> {
  try {
    return await evaluate();
  } catch (error) {
    if (!isScapfeedError(error)) throw error;
    return { outcome: { code: error.code, message: error.message } };
  }
}

/**
 * Sends news, and then records that in one transaction with the job's end. A process that dies in between sends them again: the
 * receiver knows by the number of the delivery.
 */
export async function doNews({ database, queue, tools }: Sender, job: TakenJob<NewsJob>): Promise<void> {
  try {
    await deliver(job.data, tools);
  } catch (error) {
    const isLast = job.attempt.retryCount >= retries.news.retryLimit;
    await keepDelivery(database, job.data, {
      error: error instanceof Error ? error.message : String(error),
      isLast,
    });
    throw error;
  }
  await database.transaction(async (queries) => {
    await keepDelivery(queries, job.data, { sent: tools.now() });
    await queue.complete(job, queries);
  });
}

/** This process has another feed than the run: it cannot do the job, and others may. */
class OtherFeed extends Error {
  constructor(digest: string) {
    super(`the run is by the feed ${digest}, which this process does not have`);
  }
}
