import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { startThread } from '../io/threads.ts';
import { ScapfeedError } from '../model/error.ts';
import type { ExportMessage, ExportTask } from './export-thread.ts';
import { type PartNames, PartQueue } from './part-queue.ts';
import type { PlatformInexact } from './rows/inexact.ts';
import type { ExportTarget } from './target.ts';
import { type PartWork, writePart } from './write-part.ts';

/** Takes what of a target's platforms is not exact, part by part. */
type Take = (target: string, platforms: readonly PlatformInexact[]) => void;

/** Statements of a feed from which a second thread is worth its start. */
const worthAThread = 50_000;

/** Targets by the time that they take: threads that begin with the longest end at about the same time. */
const longestFirst = ['csaf', 'grype', 'osv', 'clair', 'trivy'];

/**
 * Writes all parts of targets, in two threads if there are enough cores and work. Each takes the longest that is left; the
 * bytes do not depend on it. `threadFrom`: number of statements from which there is a second thread.
 */
export async function writeParts(
  targets: readonly ExportTarget[],
  work: PartWork,
  take: Take,
  threadFrom = worthAThread,
): Promise<void> {
  const all = [...targets]
    .sort((a, b) => rank(a) - rank(b))
    .flatMap((target) => (target.parts?.(work.feed) ?? ['']).map((part) => ({ target: target.name, part })));
  const byName = new Map(targets.map((target) => [target.name, target]));
  const mine = (part: PartNames) =>
    work.settings.signer !== undefined && byName.get(part.target)!.signs === true;
  const shared = all.filter((part) => !mine(part));
  const next = PartQueue.place();
  const queue = new PartQueue(shared, next);
  const statements = work.feed.manifest.platforms.reduce((sum, platform) => sum + platform.statements, 0);
  const thread =
    all.length > 1 && shared.length > 0 && statements >= threadFrom && availableParallelism() > 1
      ? new ExportThread(taskOf(work, shared, next), work, take)
      : undefined;
  try {
    for (const part of inTurn(all.filter(mine), queue)) {
      if (thread?.failed) break;
      take(part.target, await writePart(byName.get(part.target)!, part.part, work));
    }
    await thread?.done;
  } finally {
    await thread?.end();
  }
}

function rank({ name }: ExportTarget): number {
  const at = longestFirst.indexOf(name);
  return at === -1 ? longestFirst.length : at;
}

/** Yields the parts of this thread, then those that it takes from the queue. */
function* inTurn(own: readonly PartNames[], queue: PartQueue): Generator<PartNames> {
  yield* own;
  yield* queue.take();
}

function taskOf(
  { feed, root, settings, toolVersion, examples }: PartWork,
  parts: readonly PartNames[],
  next: SharedArrayBuffer,
): ExportTask {
  const { signer: _, ...plain } = settings;
  const same = { directory: feed.directory, digest: feed.digest() };
  return { feed: same, parts, next, root, settings: plain, toolVersion, examples };
}

/** The thread that takes parts of the queue too. */
class ExportThread {
  /** Settled when it finds none left. */
  readonly done: Promise<void>;
  failed = false;
  readonly #worker: Worker;

  constructor(task: ExportTask, { progress }: PartWork, take: Take) {
    const worker = startThread('export-thread', import.meta.url, task);
    this.#worker = worker;
    this.done = new Promise((resolve, reject) => {
      worker.on('message', (message: ExportMessage) => {
        if (message === 'done') resolve();
        else if ('step' in message) progress(message.step);
        else if ('part' in message) take(message.part.target, message.platforms);
        else reject(errorOf(message));
      });
      worker.on('messageerror', reject);
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`the thread that writes exports ended with ${code}`)));
    });
    // It may fail while this thread is still busy with its own share.
    this.done.catch(() => {
      this.failed = true;
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function errorOf(message: Extract<ExportMessage, { failure: unknown } | { error: unknown }>): Error {
  if ('failure' in message) return new ScapfeedError(message.failure);
  const { error } = message;
  return Object.assign(new Error(error.message), error);
}
