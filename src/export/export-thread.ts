// The program of the second thread that writes exports: it takes one part after the other, until there is none.
import { parentPort, workerData } from 'node:worker_threads';
import type { Feed } from '../feed/read/feed.ts';
import { openFeed } from '../feed/read/open-feed.ts';
import { type ErrorDetails, ScapfeedError } from '../model/error.ts';
import { type PartNames, PartQueue } from './part-queue.ts';
import type { PlatformInexact } from './rows/inexact.ts';
import type { ExportSettings } from './signer.ts';
import { exportTargets } from './targets.ts';
import { writePart } from './write-part.ts';

export interface ExportTask {
  /** Directory and digest of the feed. */
  feed: { directory: string; digest: string };
  parts: readonly PartNames[];
  /** The place of the queue. */
  next: SharedArrayBuffer;
  root: string;
  /** Without a signer. */
  settings: Omit<ExportSettings, 'signer'>;
  toolVersion: string;
  examples: number | undefined;
}

export type ExportMessage =
  | { step: string }
  | { part: PartNames; platforms: PlatformInexact[] }
  | { failure: ErrorDetails }
  /** An error of the system, whose code is lost otherwise. */
  | { error: { message: string; code?: string; path?: string; stack?: string } }
  | 'done';

const port = parentPort!;
const task = workerData as ExportTask;
void writeAll().then(post);

function post(message: ExportMessage): void {
  port.postMessage(message);
}

async function writeAll(): Promise<ExportMessage> {
  const queue = new PartQueue(task.parts, task.next);
  try {
    const feed = openSame(task.feed);
    try {
      const steps = new Set<string>();
      const progress = (step: string) => {
        // Once each: the first thread is busy, and messages are kept for it.
        if (!steps.has(step)) post({ step });
        steps.add(step);
      };
      for (const part of queue.take()) {
        const target = exportTargets.find(({ name }) => name === part.target)!;
        post({ part, platforms: await writePart(target, part.part, { ...task, feed, progress }) });
      }
    } finally {
      feed.close();
    }
    return 'done';
  } catch (error) {
    queue.stop();
    return failureOf(error);
  }
}

/** The feed that the first thread has opened, which a build could have replaced meanwhile. */
function openSame({ directory, digest }: ExportTask['feed']): Feed {
  const feed = openFeed(directory);
  if (feed.digest() === digest) return feed;
  feed.close();
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'the feed was replaced while it was exported',
    where: directory,
    remedy: 'export again',
  });
}

function failureOf(error: unknown): ExportMessage {
  if (!(error instanceof ScapfeedError)) {
    const { message, code, path, stack } = error as NodeJS.ErrnoException;
    return {
      error: {
        message,
        ...(code === undefined ? {} : { code }),
        ...(path === undefined ? {} : { path }),
        ...(stack === undefined ? {} : { stack }),
      },
    };
  }
  const { code, message, where, remedy } = error;
  const place = where === undefined ? {} : { where };
  return { failure: { code, message, ...place, ...(remedy === undefined ? {} : { remedy }) } };
}
