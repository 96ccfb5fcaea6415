import { type ErrorCode, ScapfeedError } from '../model/error.ts';
import { checkCancelled } from './cancellation.ts';

export interface ByteBound {
  maxBytes: number;
  /** Error code above the limit. */
  code: ErrorCode;
  where: string;
}

/** Passes the pieces on; throws once their sum is above the limit. */
export async function* boundedBytes(
  body: AsyncIterable<Uint8Array>,
  { maxBytes, code, where }: ByteBound,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of body) {
    checkCancelled();
    size += piece.length;
    if (size > maxBytes) {
      throw new ScapfeedError({
        code,
        message: `expected at most ${maxBytes} bytes, found more`,
        where,
      });
    }
    yield piece;
  }
}

/** All bytes of a bounded body in one buffer. */
export async function readAll(body: AsyncIterable<Uint8Array>, bound: ByteBound): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of boundedBytes(body, bound)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Reads at least `length` bytes from the start of a body, if it has so many, and also returns the whole body, unread. */
export async function peek(
  body: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Buffer; whole: AsyncIterable<Uint8Array> }> {
  const iterator = body[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let have = 0;
  while (have < length) {
    const { value, done } = await iterator.next();
    if (done) break;
    first.push(value);
    have += value.length;
  }
  return { head: Buffer.concat(first), whole: new Continued(first, iterator) };
}

/** Yields the pieces read so far, then the rest. Closes its source when it ends, even if the rest was not read. */
class Continued implements AsyncIterableIterator<Uint8Array> {
  #first: Uint8Array[];
  #rest: AsyncIterator<Uint8Array>;

  constructor(first: Uint8Array[], rest: AsyncIterator<Uint8Array>) {
    this.#first = first;
    this.#rest = rest;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = this.#first.shift();
    return value ? { value, done: false } : this.#rest.next();
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#first = [];
    await this.#rest.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
