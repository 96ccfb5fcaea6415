/** The progress of a step. Without `total` the whole amount is unknown. */
export interface Amount {
  done: number;
  total?: number;
  /** `bytes`, `documents`, `pages`, `images`. */
  unit: string;
}

/** Called when a step begins, with its name, and while it goes on, with the same name and how far it is. */
export type Progress = (step: string, amount?: Amount) => void;

/** Work with pauses, in which a caller can do other things, or leave off. */
export type Steps<T> = Generator<unknown, T>;

/** Does work to its end without a pause. */
export function whole<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
