import { setTimeout as pause } from 'node:timers/promises';
import { isScapfeedError } from '../model/index.ts';
import { doJob } from './do-job.ts';
import type { Fleet } from './fleet.ts';
import { jobCounts } from './queue/job-counts.ts';
import { type JobKind, LapsedJob, type TakenJob } from './queue/queue.ts';

/** Milliseconds between two looks for jobs, and between two signs of life for one. */
const lookEvery = 200;
const touchEvery = 4_000;
const superviseEvery = 5_000;

/** Jobs of a kind that one process does at once: reading waits for the network, judging for the processor. */
const atOnce: Readonly<Record<JobKind, number>> = { read: 4, judge: 1, comply: 1, news: 2 };

const steps: Readonly<Record<JobKind, readonly [step: string, unit: string]>> = {
  read: ['reading images', 'images'],
  judge: ['judging packages', 'groups'],
  comply: ['evaluating profiles', 'evaluations'],
  news: ['sending news', 'messages'],
};

/** Does jobs of a kind until there are none left, here or in another process. Throws if this process is told to end. */
export async function drain(fleet: Fleet, kind: JobKind): Promise<void> {
  const { ending, progress } = fleet.tools;
  let most = 0;
  const isDone = async () => {
    const { waiting, active } = (await jobCounts(fleet.database))[kind];
    const left = waiting + active;
    most = Math.max(most, left);
    const [step, unit] = steps[kind];
    if (most > 0) progress(step, { done: most - left, total: most, unit });
    return left === 0;
  };
  const isOver = async () => ending?.aborted === true || isDone();
  await isOver();
  const lanes = Array.from({ length: atOnce[kind] }, () => workUntil(fleet, kind, isOver));
  await Promise.all(lanes);
  ending?.throwIfAborted();
}

/** Does the jobs of a kind that are ready now, each once. */
export async function doReady(fleet: Fleet, kind: JobKind): Promise<void> {
  for (let job = await fleet.queue.take(kind); job; job = await fleet.queue.take(kind))
    await perform(fleet, job);
}

/** Does jobs of all kinds until it is told to stop. Jobs by a feed that this process does not have are left to others. */
export async function work(fleet: Fleet, kinds: readonly JobKind[], signal: AbortSignal): Promise<void> {
  const isStopped = async () => signal.aborted;
  const lanes = kinds.flatMap((kind) =>
    Array.from({ length: atOnce[kind] }, () =>
      workUntil(fleet, kind, isStopped, () =>
        kind === 'judge' ? hasFeedOfRun(fleet) : Promise.resolve(true),
      ),
    ),
  );
  await Promise.all(lanes);
}

async function hasFeedOfRun(fleet: Fleet): Promise<boolean> {
  const [run] = await fleet.database.query<{ digest: string }>(
    `SELECT digest FROM fleet.runs JOIN fleet.feeds ON feeds.id = feed WHERE state = 'open'`,
  );
  if (!run || run.digest === fleet.feed.digest()) return true;
  const now = fleet.tools.reopen?.();
  if (now?.digest() === run.digest) {
    fleet.feed.close();
    fleet.feed = now;
    return true;
  }
  now?.close();
  return false;
}

async function workUntil(
  fleet: Fleet,
  kind: JobKind,
  isOver: () => Promise<boolean>,
  mayTake: () => Promise<boolean> = async () => true,
): Promise<void> {
  const { queue } = fleet;
  let supervised = performance.now();
  for (;;) {
    const taken: TakenJob | undefined = (await mayTake()) ? await queue.take(kind) : undefined;
    if (taken) {
      await perform(fleet, taken);
      if (!(await isOver())) continue;
      return;
    }
    if (await isOver()) return;
    await pause(lookEvery);
    if (performance.now() - supervised < superviseEvery) continue;
    supervised = performance.now();
    await queue.supervise();
  }
}

const ofDatabase: ReadonlySet<string> = new Set(['DISK_FULL', 'DATABASE_UNUSABLE']);

/** A job that fails is tried again, here or elsewhere, until its tries are used up. */
async function perform(fleet: Fleet, job: TakenJob): Promise<void> {
  const { queue, tools } = fleet;
  const alive = setInterval(() => void queue.touch(job).catch(() => undefined), touchEvery);
  try {
    await doJob(fleet, job);
  } catch (error) {
    if (error instanceof LapsedJob) return;
    // Every other job would fail by it too: the process ends, and the job is another one's.
    if (isScapfeedError(error) && ofDatabase.has(error.code)) {
      await queue.fail(job, error).catch(() => undefined);
      throw error;
    }
    tools.warn(
      `a job ${job.kind} failed and is tried again: ${error instanceof Error ? error.message : String(error)}`,
    );
    await queue.fail(job, error);
  } finally {
    clearInterval(alive);
  }
}
