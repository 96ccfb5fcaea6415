import type { RandomAccess } from '../../model/index.ts';

/** A database file as pages, counted from 0. */
export interface Pages {
  readonly pageSize: number;
  readonly count: number;
  /** One page by itself; shorter than a page at the end of the file. */
  page(number: number): Buffer;
  /** A page of many that follow each other, in memory that the next call may use again. */
  inRun(number: number): PagePlace;
}

/** Where a page lies: its bytes are from `start` on; `whole` is false at the end of the file. */
export interface PagePlace {
  bytes: Buffer;
  start: number;
  whole: boolean;
}

/** Pages of one header mostly follow each other: a read takes as many as fit, so that 20 MB are some 300 reads. */
const windowBytes = 64 << 10;

export function pagesOf(content: RandomAccess, pageSize: number): Pages {
  const window = Buffer.allocUnsafe(Math.max(windowBytes, pageSize));
  let first = 0;
  let filled = 0;
  return {
    pageSize,
    count: Math.floor(content.size / pageSize),
    page: (number) => content.read(number * pageSize, pageSize),
    inRun(number) {
      const start = (number - first) * pageSize;
      if (start >= 0 && start + pageSize <= filled) return { bytes: window, start, whole: true };
      first = number;
      filled = readInto(content, window, number * pageSize);
      return { bytes: window, start: 0, whole: filled >= pageSize };
    },
  };
}

export function readInto(content: RandomAccess, target: Buffer, offset: number): number {
  if (content.readInto) return content.readInto(target, offset);
  return content.read(offset, target.length).copy(target);
}

/** Lets each page be taken once: a chain or tree that comes back to a page it has seen is a forgery. */
export class PageGuard {
  /** A bit a page. */
  readonly #seen: Uint8Array;
  readonly #count: number;
  readonly #fail: (message: string) => Error;

  constructor(count: number, fail: (message: string) => Error) {
    this.#seen = new Uint8Array((count >>> 3) + 1);
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
    const byte = number >>> 3;
    const bit = 1 << (number & 7);
    if ((this.#seen[byte]! & bit) !== 0)
      throw this.#fail(`expected each page once, found page ${number} twice`);
    this.#seen[byte]! |= bit;
    return number;
  }
}
