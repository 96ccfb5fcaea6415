import type { RandomAccess } from '../../model/index.ts';

/** A database file seen as pages; `page(n)` counts from 0 and is valid for n below `count`. */
export interface Pages {
  readonly pageSize: number;
  readonly count: number;
  page(number: number): Buffer;
}

/** Pages of one header mostly follow each other: a read takes as many as fit, so that 20 MB are some 300 reads. */
const windowBytes = 64 << 10;

export function pagesOf(content: RandomAccess, pageSize: number): Pages {
  const perWindow = Math.max(1, Math.floor(windowBytes / pageSize));
  let window: Buffer = Buffer.alloc(0);
  let first = 0;
  return {
    pageSize,
    count: Math.floor(content.size / pageSize),
    page(number) {
      const last = first + window.length / pageSize;
      if (number < first || number >= last) {
        first = number;
        window = content.read(number * pageSize, perWindow * pageSize);
        window = window.subarray(0, window.length - (window.length % pageSize));
      }
      const start = (number - first) * pageSize;
      return window.subarray(start, start + pageSize);
    },
  };
}

/** Lets each page be taken once: a chain or tree that comes back to a page it has seen is a forgery. */
export class PageGuard {
  readonly #seen = new Set<number>();
  readonly #count: number;
  readonly #fail: (message: string) => Error;

  constructor(count: number, fail: (message: string) => Error) {
    this.#count = count;
    this.#fail = fail;
  }

  /** The number, if it is that of a page not taken yet. */
  take(number: number, lowest: number): number {
    if (number < lowest || number >= this.#count) {
      throw this.#fail(
        `expected a page from ${lowest} to ${this.#count - 1}, found a reference to page ${number}`,
      );
    }
    if (this.#seen.has(number)) throw this.#fail(`expected each page once, found page ${number} twice`);
    this.#seen.add(number);
    return number;
  }
}
