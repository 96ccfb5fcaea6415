import { DeadlineError, usedMilliseconds, withDeadline } from '../pcre/index.ts';

/** Processor time for a whole evaluation; the largest benchmark on a full root file system needs a few seconds. */
export const defaultAllowance = 60_000;

/** Items that a whole evaluation may keep, in memory. */
const maxItems = 2_000_000;

/** Thrown when the whole evaluation has reached its limit: what is not judged by then is unknown. */
export class AllowanceError extends Error {}

/** Limits of a whole evaluation. When they are reached, objects and tests that are not judged yet stay unknown. */
export class EvaluationAllowance {
  readonly #milliseconds: number;
  #used = 0;
  #items = 0;
  #message: string | undefined;

  constructor(milliseconds: number = defaultAllowance) {
    this.#milliseconds = milliseconds;
  }

  /** Why the rest of the evaluation is unknown; undefined until a limit is reached. */
  get exhausted(): string | undefined {
    return this.#message;
  }

  /** Runs work for at most `patience` milliseconds. Throws DeadlineError, or AllowanceError if the rest of the whole was less. */
  run<T>(patience: number, work: () => T): T {
    const left = this.#milliseconds - this.#used;
    if (left <= 0)
      throw this.#end(`the evaluation took more than ${this.#milliseconds} ms of processor time`);
    const started = usedMilliseconds();
    try {
      return withDeadline(Math.ceil(Math.min(patience, left)), work);
    } catch (error) {
      if (!(error instanceof DeadlineError) || left > patience) throw error;
      throw this.#end(`the evaluation took more than ${this.#milliseconds} ms of processor time`);
    } finally {
      this.#used += usedMilliseconds() - started;
    }
  }

  /** Counts items that are kept to the end. Throws AllowanceError. */
  keep(items: number): void {
    this.#items += items;
    if (this.#items > maxItems) throw this.#end(`the evaluation found more than ${maxItems} things`);
  }

  #end(message: string): AllowanceError {
    this.#message ??= `${message}; the remaining results are unknown`;
    this.#used = this.#milliseconds;
    return new AllowanceError(this.#message);
  }
}
