import type { RandomAccess } from '../../model/index.ts';

/** A file held in memory. */
export class BufferAccess implements RandomAccess {
  #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Buffer {
    return this.#bytes.subarray(offset, offset + length);
  }
}
