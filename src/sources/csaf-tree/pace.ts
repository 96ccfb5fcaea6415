import { setTimeout as sleep } from 'node:timers/promises';
import { ScapfeedError } from '../../model/index.ts';
import type { FetchLimits } from './tree.ts';

/** Servers answer 403 to clients that request too fast (Red Hat's): after one all requests wait, longer each time. */
export class Pace {
  readonly #limits: FetchLimits;
  #waits = 0;
  #until: Promise<void> = Promise.resolve();

  constructor(limits: FetchLimits) {
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
