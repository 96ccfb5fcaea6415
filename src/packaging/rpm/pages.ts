import type { RandomAccess } from '../../model/inventory/index.ts';

/** A database file as pages, counted from 0. */
export interface Pages {
  readonly pageSize: number;
  readonly count: number;
  /** The maximum number of pages in one run. */
  readonly longestRun: number;
  /** One page by itself; shorter than a page at the end of the file. */
  page(number: number): Buffer;
  /** Reads up to `most` consecutive pages into `target` from index `at` on; returns the number of whole pages read. */
  run(number: number, most: number, target: Buffer, at: number): number;
}

/** Pages of one header are mostly consecutive: they are read at once, up to this many bytes. */
const runBytes = 64 << 10;

export function pagesOf(content: RandomAccess, pageSize: number): Pages {
  const longestRun = Math.max(1, runBytes / pageSize);
  return {
    pageSize,
    count: Math.floor(content.size / pageSize),
    longestRun,
    page: (number) => content.read(number * pageSize, pageSize),
    run(number, most, target, at) {
      const wanted = Math.min(most, longestRun) * pageSize;
      return Math.floor(readInto(content, target, at, wanted, number * pageSize) / pageSize);
    },
  };
}

export function readInto(
  content: RandomAccess,
  target: Buffer,
  at: number,
  length: number,
  offset: number,
): number {
  if (content.readInto) return content.readInto(target, at, length, offset);
  return content.read(offset, length).copy(target, at);
}

/** Lets each page be used once: a chain or tree that returns to a page is forged. */
export class PageGuard {
  /** One bit per page. */
  readonly #seen: Uint8Array;
  readonly #count: number;
  readonly #fail: (message: string) => Error;

  constructor(count: number, fail: (message: string) => Error) {
    this.#seen = new Uint8Array((count >>> 3) + 1);
    this.#count = count;
    this.#fail = fail;
  }

  /** Returns the number if that page has not been used yet. */
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
