import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputNotWritable } from './system-reason.ts';
import { discardUnfinished, noteUnfinished } from './unfinished.ts';

/** Bytes that stay in memory; what comes after them goes to disk. */
const mostInMemory = 32 << 20;

/** Characters that are gathered for one piece. */
const portion = 1 << 16;

/** In memory, or in the file. */
type Piece = { bytes: Buffer } | { at: number; size: number };

/** A text that was put away. */
export type Kept = readonly Piece[];

/**
 * Texts put away until they are asked for, the first of them in memory and others in a file without a name: nothing is left
 * behind, however the process ends.
 */
export class Spool {
  readonly #limit: number;
  #inMemory = 0;
  #file: number | undefined;
  #end = 0;

  constructor(limit: number = mostInMemory) {
    this.#limit = limit;
  }

  /** @throws {ScapfeedError} OUTPUT_NOT_WRITABLE */
  keep(parts: Iterable<string>): Kept {
    const pieces: Piece[] = [];
    let gathered = '';
    for (const part of parts) {
      gathered += part;
      if (gathered.length < portion) continue;
      pieces.push(this.#put(gathered));
      gathered = '';
    }
    if (gathered !== '') pieces.push(this.#put(gathered));
    return pieces;
  }

  *read(kept: Kept): Iterable<string> {
    for (const piece of kept) yield ('bytes' in piece ? piece.bytes : this.#get(piece)).toString();
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #put(text: string): Piece {
    const bytes = Buffer.from(text);
    if (this.#inMemory + bytes.length <= this.#limit) {
      this.#inMemory += bytes.length;
      return { bytes };
    }
    const piece = { at: this.#end, size: bytes.length };
    try {
      this.#file ??= openNameless();
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#end + done);
    } catch (cause) {
      throw outputNotWritable({
        message: `results of the images so far cannot be stored: ${(cause as Error).message}`,
        where: tmpdir(),
        remedy: 'free space there, or set TMPDIR to another folder',
        cause,
      });
    }
    this.#end += bytes.length;
    return piece;
  }

  #get({ at, size }: { at: number; size: number }): Buffer {
    const bytes = Buffer.allocUnsafe(size);
    for (let done = 0; done < size; ) {
      const read = readSync(this.#file!, bytes, done, size - done, at + done);
      if (read === 0) throw new Error('the file of kept results is shorter than what was written');
      done += read;
    }
    return bytes;
  }
}

function openNameless(): number {
  const path = noteUnfinished(join(tmpdir(), `scapfeed-${randomBytes(8).toString('hex')}`));
  try {
    return openSync(path, 'wx+', 0o600);
  } finally {
    discardUnfinished(path);
  }
}
