type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** A typed array that grows at its end, for millions of entries without objects. */
export class GrowingArray<T extends Numbers> {
  #make: (length: number) => T;
  #values: T;
  #length = 0;

  constructor(make: (length: number) => T, capacity = 64) {
    this.#make = make;
    this.#values = make(capacity);
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
      const larger = this.#make(this.#length * 2);
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
