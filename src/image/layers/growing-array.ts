export type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

const capacity = 64;

/** A typed array that grows at its end, for millions of entries without objects. */
export class GrowingArray<T extends Numbers> {
  #make: (length: number) => T;
  #values: T;
  #length: number;

  /** `start`: the capacity, or the first values, which it takes over. */
  constructor(make: (length: number) => T, start: number | T = capacity) {
    this.#make = make;
    this.#values = typeof start === 'number' ? make(start) : start;
    this.#length = typeof start === 'number' ? 0 : start.length;
  }

  /** Valid until the next change. */
  get values(): T {
    return this.#values.subarray(0, this.#length) as T;
  }

  get length(): number {
    return this.#length;
  }

  get(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = this.#make(Math.max(capacity, this.#length * 2));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }
}

export const uint8 = (length: number) => new Uint8Array(length);
export const uint16 = (length: number) => new Uint16Array(length);
export const uint32 = (length: number) => new Uint32Array(length);
export const int32 = (length: number) => new Int32Array(length);
export const float64 = (length: number) => new Float64Array(length);
