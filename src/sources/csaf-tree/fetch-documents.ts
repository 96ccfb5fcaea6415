import { setTimeout as sleep } from 'node:timers/promises';
import { someAtOnce } from '../../io/at-once.ts';
import { ScapfeedError } from '../../model/error.ts';
import { fetchDocument, type KeptVersion } from './fetch-document.ts';
import type { FetchPace, TreeFetch } from './tree.ts';
import { keep, type Overlay, unchanged } from './tree-set.ts';

/** Servers answer 403 to clients that request too fast (Red Hat's): after one all requests wait, longer each time. */
class Pace {
  readonly #limits: FetchPace;
  #waits = 0;
  #until: Promise<void> = Promise.resolve();

  constructor(limits: FetchPace) {
    this.#limits = limits;
  }

  /** Runs a task, and again after a refusal, up to the limit of attempts. */
  async try<T>(task: () => Promise<T>): Promise<T> {
    const { tries, pauseMilliseconds } = this.#limits;
    for (let attempt = 1; ; attempt++) {
      await this.#until;
      try {
        return await task();
      } catch (error) {
        const hurried = error instanceof ScapfeedError && error.code === 'FETCH_FAILED';
        if (!hurried || attempt >= tries) throw error;
        this.#waits = Math.min(this.#waits + 1, tries);
        this.#until = sleep(pauseMilliseconds * 2 ** (this.#waits - 1));
      }
    }
  }
}

/** Documents between two saves: a run that is killed loses at most these. */
const documentsPerSave = 100;

export interface WaitingDocument {
  path: string;
  /** When it changed, ISO 8601; it is kept with this time. Undefined: the time that its server gives. */
  time?: string;
  /** Of the version that is kept: the same one is not sent again. */
  kept?: KeptVersion;
}

/** Puts documents into a set, few at a time, and saves it regularly. */
export async function fetchDocuments(
  waiting: readonly WaitingDocument[],
  overlay: Overlay,
  fetch: TreeFetch,
  save: () => Promise<unknown>,
): Promise<void> {
  const { tree, context } = fetch;
  const pace = new Pace(tree.limits);
  let done = 0;
  const report = () =>
    context.progress(`fetching changed documents of ${tree.id}`, {
      done,
      total: waiting.length,
      unit: 'documents',
    });
  for (let at = 0; at < waiting.length; at += documentsPerSave) {
    report();
    try {
      await someAtOnce(
        waiting.slice(at, at + documentsPerSave),
        async ({ path, time, kept }) => {
          const fetched = await pace.try(() => fetchDocument(path, fetch, kept));
          if (fetched.kind === 'same') unchanged(overlay, path);
          else
            keep(
              overlay,
              path,
              time ?? ('lastModified' in fetched ? fetched.lastModified : undefined),
              fetched,
            );
          done += 1;
          report();
        },
        { width: tree.limits.concurrency },
      );
    } finally {
      await save();
    }
  }
}
