import { setTimeout as pause } from 'node:timers/promises';
import type { NewsJob } from './delivery/deliveries.ts';
import { doJob, doNews } from './do-job.ts';
import type { FleetContext, Sender } from './fleet.ts';
import { isOfDatabase, outlasting } from './outlasting.ts';
import { jobCounts, waitingKinds } from './queue/job-counts.ts';
import { type JobKind, LapsedJob, type TakenJob } from './queue/queue.ts';

/** Milliseconds between two looks for jobs, between two signs of life for one, and between two looks for those of the dead. */
const lookEvery = 200;
const touchEvery = 4_000;
const superviseEvery = 5_000;
/**
 * Interval, in milliseconds, at which a run counts the remaining jobs while it has jobs itself: counting reads all jobs of the
 * run.
 */
const countEvery = 1_000;

/** Jobs of a kind that one process does at once: reading waits for the network, judging for the processor. */
const atOnce: Readonly<Record<JobKind, number>> = { read: 4, base: 1, judge: 1, comply: 1, news: 2 };

const steps: Readonly<Record<JobKind, readonly [step: string, unit: string]>> = {
  read: ['reading images', 'images'],
  base: ['judging base images', 'images'],
  judge: ['judging packages', 'groups'],
  comply: ['evaluating profiles', 'evaluations'],
  news: ['sending news', 'messages'],
};

/** Jobs for which a process needs the feed of the run. */
const byFeed: ReadonlySet<JobKind> = new Set(['base', 'judge']);

/** Works on jobs of a kind until none are left, here or in another process. Throws if this process is asked to stop. */
export async function drain(fleet: FleetContext, kind: JobKind): Promise<void> {
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
  if (!(await isDone())) {
    let counted = performance.now();
    const mayTake = async () => {
      if (performance.now() - counted < countEvery) return true;
      counted = performance.now();
      return !(await isDone());
    };
    await inLanes(fleet, [kind], { mayTake, isOver: isDone, ...(ending && { ending }) });
  }
  ending?.throwIfAborted();
}

/** Sends the news that are ready to be sent now. Needs no feed. */
export async function sendReady(sender: Sender): Promise<void> {
  const next = () => sender.queue.take<NewsJob>('news');
  for (let job = await next(); job; job = await next()) {
    const taken = job;
    await perform(sender, taken, () => doNews(sender, taken));
  }
}

/**
 * Does jobs of all kinds until `signal` is aborted. Jobs by a feed that this process does not have are left to others. While the
 * database is full or unreachable, it waits.
 */
export async function work(
  fleet: FleetContext,
  kinds: readonly JobKind[],
  signal: AbortSignal,
): Promise<void> {
  // One look for all lanes: most of the time there is nothing to do.
  let [looked, seen] = [-Infinity, Promise.resolve<ReadonlySet<JobKind>>(new Set())];
  const waiting = () => {
    if (performance.now() - looked >= lookEvery) {
      looked = performance.now();
      seen = waitingKinds(fleet.database);
    }
    return seen;
  };
  await inLanes(fleet, kinds, {
    mayTake: async (kind) =>
      (await waiting()).has(kind) && (!byFeed.has(kind) || (await hasFeedOfRun(fleet))),
    isOver: async () => false,
    outlast: outlasting(fleet.tools.warn),
    ending: signal,
  });
}

async function hasFeedOfRun(fleet: FleetContext): Promise<boolean> {
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

/** A process's way of looking for jobs. */
interface Looking {
  /** Whether a job of this kind can be taken now. */
  mayTake(kind: JobKind): Promise<boolean>;
  /** Asked where there was no job to take: whether there will be none. */
  isOver(): Promise<boolean>;
  /** The way to go on after an error of the database. Absent: it ends with it. */
  outlast?: ReturnType<typeof outlasting>;
  ending?: AbortSignal;
}

/**
 * Does jobs of some kinds, as many at once as one process does of each. Those of processes that died come back meanwhile. An error
 * is thrown once all lanes have ended: the caller may do the work again, or close what they use.
 */
async function inLanes(fleet: FleetContext, kinds: readonly JobKind[], looking: Looking): Promise<void> {
  const failed = new AbortController();
  const ending = AbortSignal.any([failed.signal, ...(looking.ending ? [looking.ending] : [])]);
  let supervised = performance.now();
  const supervise = async () => {
    if (performance.now() - supervised < superviseEvery) return;
    supervised = performance.now();
    await fleet.queue.supervise();
  };
  const lanes = kinds.flatMap((kind) =>
    Array.from({ length: atOnce[kind] }, async () => {
      try {
        await oneLane(fleet, kind, { ...looking, ending }, supervise);
      } catch (error) {
        failed.abort();
        throw error;
      }
    }),
  );
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
}

async function oneLane(
  fleet: FleetContext,
  kind: JobKind,
  { mayTake, isOver, outlast, ending }: Looking,
  supervise: () => Promise<void>,
): Promise<void> {
  let hasEnded = false;
  const step = async () => {
    const taken: TakenJob | undefined = (await mayTake(kind)) ? await fleet.queue.take(kind) : undefined;
    if (taken) return perform(fleet, taken, () => doJob(fleet, taken));
    hasEnded = await isOver();
    if (hasEnded) return;
    await pause(lookEvery);
    await supervise();
  };
  while (!hasEnded && !ending?.aborted) {
    if (!outlast) await step();
    else if (!(await outlast(step)))
      await pause(superviseEvery, undefined, { signal: ending }).catch(() => undefined);
  }
}

/** A job that fails is tried again, here or elsewhere, until its tries are used up. */
async function perform({ queue, tools }: Sender, job: TakenJob, act: () => Promise<void>): Promise<void> {
  const alive = setInterval(() => void queue.touch(job).catch(() => undefined), touchEvery);
  try {
    await act();
  } catch (error) {
    if (error instanceof LapsedJob) return;
    // The job is another process's, or this one's once the database is there again.
    if (isOfDatabase(error)) {
      await queue.fail(job, error).catch(() => undefined);
      throw error;
    }
    // A job that ends with its process is no failure: the store may be closed already.
    if (!tools.ending?.aborted)
      tools.warn(
        `a job ${job.kind} failed and is tried again: ${error instanceof Error ? error.message : String(error)}`,
      );
    await queue.fail(job, error);
  } finally {
    clearInterval(alive);
  }
}
