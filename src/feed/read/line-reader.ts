import { hash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readWhole } from '../../io/read-whole.ts';
import { refusedAccess } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FeedOutput, OffsetIndex } from '../../model/feed/index.ts';
import { lastNotAfter } from './sorted-keys.ts';

const rebuild = 'build or pull the feed again; this copy must not be used';

const newline = 0x0a;

/** Bytes that are read at once: a call of the system takes as long as copying them. */
const readAhead = 32_768;

/** Reads single lines of a sorted line file. A block is found by its first key, and read and checked on demand. */
export class LineReader {
  readonly #path: string;
  readonly #index: OffsetIndex;
  readonly #size: number;
  readonly #fd: number;
  /** Buffer for blocks that follow each other, reused for each read. */
  readonly #room: Buffer;
  /** Offset in the file of the first byte in the buffer. */
  #roomStart = 0;
  #roomEnd = 0;
  #block: Buffer;
  #blockAt = -1;
  /** The last line found in this block: its key, and its end. */
  #lastKey = '';
  #lastEnd = 0;

  constructor(root: string, lines: FeedOutput, offsets: FeedOutput) {
    this.#index = readVerified(root, offsets);
    this.#path = lines.path;
    this.#size = lines.size;
    this.#room = Buffer.allocUnsafeSlow(Math.max(this.#largestBlock(), Math.min(readAhead, this.#size)));
    this.#block = this.#room;
    this.#fd = openFile(root, lines.path);
  }

  /**
   * The line of a key as text, or undefined. Keys asked in order read each block once. `field`: the first field of the
   * line's object; undefined: the line is the bare key.
   */
  find(key: string, field?: string): string | undefined {
    // Half of a surrogate pair is in no line, and Node 24 aborts where a buffer is searched for it.
    const at = key.isWellFormed() ? this.#blockOf(key) : -1;
    if (at < 0) return undefined;
    if (at !== this.#blockAt) this.#load(at);
    const block = this.#block;
    // Newlines are only at the end of a line, braces are everywhere: search for newlines first.
    const start = field === undefined ? `\n${key}\n` : `\n{"${field}":${JSON.stringify(key)}`;
    const isFirst = this.#index.keys[at] === key;
    const before = isFirst ? -1 : block.indexOf(start, key > this.#lastKey ? this.#lastEnd : 0);
    if (before === -1 && !isFirst) return undefined;
    const end = block.indexOf(newline, before + 1);
    this.#lastKey = key;
    this.#lastEnd = end;
    // Records of two fields may have the same key.
    if (isFirst && !block.toString('utf8', 0, end + 1).startsWith(start.slice(1))) return undefined;
    return block.toString('utf8', before + 1, end);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #blockOf(key: string): number {
    const { keys } = this.#index;
    const last = this.#blockAt;
    if (last >= 0 && key >= keys[last]! && (last + 1 === keys.length || key < keys[last + 1]!)) return last;
    return lastNotAfter(keys, key);
  }

  #load(at: number): void {
    const { offsets, sha256 } = this.#index;
    const start = offsets[at]!;
    const end = this.#end(at);
    if (start < this.#roomStart || end > this.#roomEnd) this.#read(start, end, at - this.#blockAt);
    const block = this.#room.subarray(start - this.#roomStart, end - this.#roomStart);
    if (end > this.#roomEnd || hash('sha256', block) !== sha256[at]) {
      throw new ScapfeedError({
        code: 'FEED_CORRUPT',
        message: `block ${at} does not have the sha256 that the feed's offset index gives`,
        where: `${this.#path} at byte ${start}`,
        remedy: rebuild,
      });
    }
    this.#block = block;
    this.#blockAt = at;
    this.#lastKey = '';
    this.#lastEnd = 0;
  }

  /** Reads from a block on: more than the block if keys are asked in order, and lie close together. */
  #read(start: number, end: number, step: number): void {
    const ahead = step > 0 && step <= 3 ? Math.min(start + this.#room.length, this.#size) : end;
    const wanted = Math.max(end, ahead) - start;
    this.#roomStart = start;
    try {
      this.#roomEnd = start + readSync(this.#fd, this.#room, 0, wanted, start);
    } catch (cause) {
      throw missingFile(this.#path, cause);
    }
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
    const file = join(root, path);
    requireFile(file);
    return openSync(file, 'r');
  } catch (cause) {
    throw missingFile(path, cause);
  }
}

/** Reads a whole JSON file of a feed after checking its digest against the manifest. */
export function readVerified<T>(root: string, output: FeedOutput): T {
  return parseForeignJson(readChecked(root, output)) as T;
}

/** The text of a whole file of ASCII, after its digest was checked. */
export function readVerifiedAscii(root: string, output: FeedOutput): string {
  return readChecked(root, output).toString('latin1');
}

function readChecked(root: string, output: FeedOutput): Buffer {
  let bytes: Buffer;
  try {
    const file = join(root, output.path);
    requireFile(file);
    bytes = readWhole(file);
  } catch (cause) {
    throw missingFile(output.path, cause);
  }
  if (hash('sha256', bytes) === output.sha256) return bytes;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'file does not have the sha256 that the manifest gives',
    where: output.path,
    remedy: rebuild,
  });
}

/** A pipe or a device may have no end. */
export function requireFile(path: string): void {
  if (!statSync(path).isFile()) throw new Error('it is not a regular file');
}

function missingFile(path: string, cause: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'a file that the manifest names cannot be read',
    where: path,
    remedy: rebuild,
    ...refusedAccess(cause, 'the feed'),
    cause,
  });
}
