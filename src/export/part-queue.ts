/** A part of a target, by their names. */
export interface PartNames {
  target: string;
  part: string;
}

/** The parts that are left to several threads: each takes the next one, without asking another that is busy. */
export class PartQueue {
  readonly #parts: readonly PartNames[];
  readonly #next: Int32Array;

  constructor(parts: readonly PartNames[], next: SharedArrayBuffer) {
    this.#parts = parts;
    this.#next = new Int32Array(next);
  }

  /** The place of a queue that nothing was taken from. */
  static place(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  }

  /** Parts that this thread writes, until there is none or one of the threads has failed. */
  *take(): Generator<PartNames> {
    for (;;) {
      const part = this.#parts[Atomics.add(this.#next, 0, 1)];
      if (!part) return;
      yield part;
    }
  }

  /** Nobody takes a part any more. */
  stop(): void {
    Atomics.store(this.#next, 0, this.#parts.length);
  }
}
