import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type FeedOutput, type OffsetIndex, ScapfeedError } from '../model/index.ts';

const rebuild = 'build or pull the feed again; this copy must not be used';

// Up to this size one read and one digest cost less than those of the blocks that a scan asks for.
const wholeFileBytes = 4 << 20;

/**
 * Reads single lines of a sorted line file. A block is found by its first key; a small file is read and checked as a
 * whole, of a large one each block that is asked for.
 */
export class LineReader {
  readonly #path: string;
  readonly #index: OffsetIndex;
  readonly #size: number;
  readonly #whole: Buffer | undefined;
  readonly #fd: number | undefined;
  #blockAt = -1;
  #block = '';
  /** Room for the largest block, filled again for each. */
  #room: Buffer | undefined;

  constructor(root: string, lines: FeedOutput, offsets: FeedOutput) {
    this.#index = readVerified(root, offsets);
    this.#path = lines.path;
    this.#size = lines.size;
    if (lines.size <= wholeFileBytes) this.#whole = readChecked(root, lines);
    else this.#fd = openFile(root, lines.path);
  }

  /**
   * The line of a key as text, or undefined. Keys asked in order read each block once. `field`: the first field of the
   * line's object; undefined: the line is the bare key.
   */
  find(key: string, field?: string): string | undefined {
    const at = this.#blockOf(key);
    if (at < 0) return undefined;
    const block = this.#load(at);
    const start = field === undefined ? `${key}\n` : `{"${field}":${JSON.stringify(key)}`;
    // Braces stand all over a line, newlines only at its end: the search begins at those.
    const before = block.indexOf(`\n${start}`);
    if (before === -1 && !block.startsWith(start)) return undefined;
    return block.slice(before + 1, block.indexOf('\n', before + 1));
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  #blockOf(key: string): number {
    const { keys } = this.#index;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #load(at: number): string {
    if (at === this.#blockAt) return this.#block;
    this.#block = this.#read(at).toString('utf8');
    this.#blockAt = at;
    return this.#block;
  }

  #read(at: number): Buffer {
    const { offsets, sha256 } = this.#index;
    const start = offsets[at]!;
    if (this.#whole) return this.#whole.subarray(start, this.#end(at));
    this.#room ??= Buffer.allocUnsafeSlow(this.#largestBlock());
    const block = this.#room.subarray(0, this.#end(at) - start);
    const read = readSync(this.#fd!, block, 0, block.length, start);
    if (read !== block.length || createHash('sha256').update(block).digest('hex') !== sha256[at]) {
      throw new ScapfeedError({
        code: 'FEED_CORRUPT',
        message: `block ${at} does not have the sha256 that the feed's offset index gives`,
        where: `${this.#path} at byte ${start}`,
        remedy: rebuild,
      });
    }
    return block;
  }

  #end(at: number): number {
    return this.#index.offsets[at + 1] ?? this.#size;
  }

  #largestBlock(): number {
    return this.#index.offsets.reduce((most, start, at) => Math.max(most, this.#end(at) - start), 0);
  }
}

function openFile(root: string, path: string): number {
  try {
    return openSync(join(root, path), 'r');
  } catch (cause) {
    throw missingFile(path, cause);
  }
}

/** A whole JSON file of a feed, its digest checked against the manifest first. */
export function readVerified<T>(root: string, output: FeedOutput): T {
  return JSON.parse(readChecked(root, output).toString('utf8')) as T;
}

function readChecked(root: string, output: FeedOutput): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(root, output.path));
  } catch (cause) {
    throw missingFile(output.path, cause);
  }
  if (createHash('sha256').update(bytes).digest('hex') === output.sha256) return bytes;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'file does not have the sha256 that the manifest gives',
    where: output.path,
    remedy: rebuild,
  });
}

function missingFile(path: string, cause: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'a file that the manifest names cannot be read',
    where: path,
    remedy: rebuild,
    cause,
  });
}
