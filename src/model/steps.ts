/** Work with pauses, in which a caller can do other things, or leave off. */
export type Steps<T> = Generator<unknown, T>;

/** Does work to its end without a pause. */
export function whole<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
