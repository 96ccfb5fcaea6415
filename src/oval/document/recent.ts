/**
 * A cache of the last values by the identity of their keys. It is a ring of fixed size, because a Map that is cleared
 * repeatedly links its tables to each other, so that minor garbage collections free none of them.
 */
export class Recent<K extends object, V> {
  readonly #keys: (K | undefined)[];
  readonly #values: (V | undefined)[];
  #at = 0;

  constructor(size: number) {
    this.#keys = new Array<K | undefined>(size).fill(undefined);
    this.#values = new Array<V | undefined>(size).fill(undefined);
  }

  /** Undefined if the key is not in the cache. */
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
