import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../io/threads.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { PlatformIndex, Vulnerability } from '../../model/feed/index.ts';
import type { Progress } from '../../model/progress.ts';
import type { Message, ThreadTask } from './oval-thread.ts';
import { countIds, packIndex, type SharedDetails } from './packed-index.ts';
import { hasOval } from './platform-forms.ts';
import type { OvalOptions } from './write-oval.ts';
import { type PlatformOval, writePlatform } from './write-platform.ts';

export interface PlatformsOptions extends OvalOptions {
  /** Number of claimed vulnerabilities from which a second thread is worth its start; default 50,000. */
  threadFrom?: number;
  progress?: Progress;
}

/** The OVAL of several platforms, some of which a second thread writes while this one does other things. */
export interface PlatformsInWork {
  /**
   * Writes what the second thread has not begun, and waits for it. Results are in the order of the indexes.
   * @throws {ScapfeedError} as writeOval
   */
  finish(): Promise<PlatformOval[]>;
  /** Ends the second thread, finished or not. */
  stop(): Promise<void>;
}

const worthAThread = 50_000;

/**
 * Begins to write the OVAL of several platforms, in a second thread if there are enough cores and work. Both threads take
 * the largest platform that is left, so that they end at about the same time; the bytes do not depend on it.
 */
export function startPlatforms(
  indexes: readonly PlatformIndex[],
  details: SharedDetails,
  directory: string,
  { threadFrom = worthAThread, progress, ...options }: PlatformsOptions,
): PlatformsInWork {
  const sized = indexes.filter(hasOval).map((index) => ({ index, size: countIds(index.lines) }));
  const left = sized.sort((a, b) => b.size - a.size).map(({ index }) => index);
  const total = sized.reduce((sum, { size }) => sum + size, 0);
  const written: PlatformOval[] = [];
  const thread =
    total >= threadFrom && availableParallelism() > 1
      ? new OvalThread({ details, directory, options }, left, (platform) => written.push(platform))
      : undefined;
  const report = () =>
    progress?.('writing OVAL', { done: written.length, total: sized.length, unit: 'platforms' });
  const order = new Map(indexes.map(({ platform }, at) => [platform.id, at]));
  return {
    async finish() {
      for (let index = left.shift(); index && !thread?.failed; index = left.shift()) {
        report();
        written.push(await writePlatform(index, directory, options));
      }
      await thread?.done;
      await thread?.end();
      for (const index of indexes) {
        if (!hasOval(index)) written.push(await writePlatform(index, directory, options));
      }
      return written.sort((a, b) => order.get(a.report.platform)! - order.get(b.report.platform)!);
    },
    async stop() {
      await thread?.end();
    },
  };
}

/** Number of platforms that are with the thread at a time: the next one is sent in advance, because this thread may be busy. */
const ahead = 2;

/** A thread that takes one of the remaining platforms after the other, until there is none. */
class OvalThread {
  /** Settled when the thread has nothing left to do. */
  readonly done: Promise<void>;
  failed = false;
  readonly #worker: Worker;

  constructor(
    { details, directory, options }: ThreadTask,
    left: PlatformIndex[],
    take: (written: PlatformOval) => void,
  ) {
    const shared = {
      vulnerabilities: whatOvalReads(details.vulnerabilities),
      advisories: details.advisories,
      ...(details.ratings && { ratings: details.ratings }),
    };
    const task: ThreadTask = { details: shared, directory, options };
    const worker = startThread('oval-thread', import.meta.url, task);
    this.#worker = worker;
    let held = 0;
    const fill = () => {
      // A second one in advance only if another is left for the first thread.
      while (held === 0 ? left.length > 0 : held < ahead && left.length > 1) {
        const packed = packIndex(left.shift()!);
        worker.postMessage(packed, [packed.places.buffer]);
        held += 1;
      }
    };
    this.done = new Promise((resolve, reject) => {
      worker.on('message', (message: Message) => {
        try {
          take(writtenOf(message));
          held -= 1;
          fill();
          if (held === 0) resolve();
        } catch (error) {
          reject(error);
        }
      });
      worker.on('messageerror', reject);
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`the thread that writes OVAL ended with ${code}`)));
      fill();
      if (held === 0) resolve();
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

function writtenOf(message: Message): PlatformOval {
  if ('written' in message) return message.written;
  throw 'failure' in message ? new ScapfeedError(message.failure) : message.error;
}

/** Other fields (references, aliases) are not needed by the thread. */
function whatOvalReads(vulnerabilities: SharedDetails['vulnerabilities']): Map<string, Vulnerability> {
  const copies = new Map<string, Vulnerability>();
  for (const { id, title, description, cvss, published } of vulnerabilities.values()) {
    copies.set(id, {
      id,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...(cvss === undefined ? {} : { cvss }),
      ...(published === undefined ? {} : { published }),
    });
  }
  return copies;
}
