import type { Feed } from '../../feed/read/feed.ts';
import { busy } from '../busy.ts';
import type { FleetContext, FleetRunOptions, FleetTools } from '../fleet.ts';
import { KnownImages } from '../known-images.ts';
import type { Queue } from '../queue/queue.ts';
import { type RunFeed, runFleet } from '../run.ts';
import type { Database } from '../store/database.ts';
import type { Runs } from './context.ts';

/** The parts that a server needs for runs of its own. */
export interface RunnerParts {
  database: Database;
  queue: Queue;
  tools: FleetTools;
  options: FleetRunOptions;
  /** The feed as it is now, pulled before if that was asked for. */
  openFeed(): Promise<{ feed: Feed; how: RunFeed }>;
}

/** Runs in the process of the server, one at a time. */
export class Runner implements Runs {
  readonly #parts: RunnerParts;
  /** Ends with the error by which the run failed, if one had begun. */
  #current: Promise<unknown> | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  async start(): Promise<number> {
    if (this.#current) throw busy(this.#parts.database);
    const { promise: begun, resolve, reject } = withResolvers<number>();
    let hasBegun = false;
    this.#current = this.#run((run) => {
      hasBegun = true;
      resolve(run);
    })
      .then(() => reject(busy(this.#parts.database)))
      .catch((error: unknown) => {
        reject(error);
        if (hasBegun && !this.#parts.tools.ending?.aborted)
          this.#parts.tools.warn(`the run failed: ${messageOf(error)}`);
        return error;
      })
      .finally(() => {
        this.#current = undefined;
      });
    return begun;
  }

  /** Until the run that is at work has ended. Returns the error by which it failed. */
  async settled(): Promise<unknown> {
    return this.#current;
  }

  async #run(begun: (run: number) => void): Promise<void> {
    const { database, queue, tools, options, openFeed } = this.#parts;
    const { feed, how } = await openFeed();
    try {
      const fleet: FleetContext = {
        database,
        queue,
        feed,
        tools: { ...tools, begun },
        known: new KnownImages(),
      };
      await runFleet(fleet, options, how);
    } finally {
      feed.close();
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Promise.withResolvers, which the library of types for our Node lacks. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
