import { closeSync, readSync } from 'node:fs';
import type { RandomAccess } from '../../model/inventory/index.ts';

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

/** A file on disk read where it is asked for, so that a large database is never in memory. */
export class FileAccess implements RandomAccess {
  readonly size: number;
  #descriptor: number;

  /** Takes over an open file descriptor. */
  constructor(descriptor: number, size: number) {
    this.#descriptor = descriptor;
    this.size = size;
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)));
    const read = this.readInto(bytes, 0, bytes.length, offset);
    return read === bytes.length ? bytes : bytes.subarray(0, read);
  }

  readInto(target: Buffer, at: number, length: number, offset: number): number {
    let filled = 0;
    while (filled < length) {
      const got = readSync(this.#descriptor, target, at + filled, length - filled, offset + filled);
      if (got === 0) break;
      filled += got;
    }
    return filled;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
