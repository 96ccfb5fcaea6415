/**
 * The values last made for some keys, by the keys' identity. A ring of fixed size: a Map that is emptied time and again
 * links each of its tables to the next, so that the garbage collector's quick rounds let nothing of it go.
 */
export class Recent<K extends object, V> {
  readonly #keys: (K | undefined)[];
  readonly #values: (V | undefined)[];
  #at = 0;

  constructor(size: number) {
    this.#keys = new Array<K | undefined>(size).fill(undefined);
    this.#values = new Array<V | undefined>(size).fill(undefined);
  }

  /** Undefined when the key is not among the last ones. */
  get(key: K): V | undefined {
    const at = this.#keys.indexOf(key);
    return at === -1 ? undefined : this.#values[at];
  }

  set(key: K, value: V): V {
    this.#keys[this.#at] = key;
    this.#values[this.#at] = value;
    this.#at = (this.#at + 1) % this.#keys.length;
    return value;
  }
}
