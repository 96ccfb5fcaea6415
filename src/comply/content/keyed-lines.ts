import { ScapfeedError } from '../../model/error.ts';
import type { RandomAccess } from '../../model/inventory/index.ts';

/** One line of a sorted file: `{"key":"…","value":…}`, lines in byte order of their keys. */
export interface KeyedLine {
  key: string;
  value: unknown;
}

const lead = '{"key":';

/** Lines of keyed values, sorted. Keys must differ. */
export function writeKeyedLines(entries: Iterable<readonly [string, unknown]>): string {
  const lines = [...entries].map(([key, value]) => ({
    key,
    line: JSON.stringify({ key, value } satisfies KeyedLine),
  }));
  lines.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  return lines.map(({ line }) => `${line}\n`).join('');
}

/** Bytes are read in blocks, each at most once. */
const blockBytes = 1 << 16;

/** Finds lines by key with a binary search over the file, so that opening it costs nothing. */
export class KeyedLines {
  readonly #content: RandomAccess;
  readonly #start: number;
  readonly #blocks = new Map<number, Buffer>();

  /** Lines of a file from `start` on. */
  constructor(content: RandomAccess, start: number) {
    this.#content = content;
    this.#start = start;
  }

  /** The value of a key; undefined if there is no such line. Throws SyntaxError if a line is not JSON. */
  get(key: string): unknown {
    const at = this.#lowerBound(key);
    if (at >= this.#content.size) return undefined;
    const line = JSON.parse(this.#text(at, this.#lineEnd(at))) as KeyedLine;
    return line.key === key ? line.value : undefined;
  }

  /** All keys with a prefix, in order. */
  keys(prefix: string): string[] {
    const found: string[] = [];
    for (let at = this.#lowerBound(prefix); at < this.#content.size; at = this.#lineEnd(at) + 1) {
      const key = this.#keyAt(at);
      if (!key.startsWith(prefix)) break;
      found.push(key);
    }
    return found;
  }

  /** Start of the first line whose key is not before the given one. */
  #lowerBound(key: string): number {
    const wanted = Buffer.from(key);
    let low = this.#start;
    let high = this.#content.size;
    while (low < high) {
      const middle = this.#lineStart(Math.floor((low + high) / 2));
      if (Buffer.compare(Buffer.from(this.#keyAt(middle)), wanted) < 0) low = this.#lineEnd(middle) + 1;
      else high = middle;
    }
    return low;
  }

  #lineStart(inside: number): number {
    for (let at = inside; at > this.#start; ) {
      const from = Math.max(this.#start, Math.floor((at - 1) / blockBytes) * blockBytes);
      const found = this.#block(from)
        .subarray(0, at - blockStart(from))
        .lastIndexOf(0x0a);
      if (found !== -1 && blockStart(from) + found >= this.#start) return blockStart(from) + found + 1;
      at = from;
    }
    return this.#start;
  }

  #lineEnd(from: number): number {
    for (let at = from; at < this.#content.size; at = blockStart(at) + blockBytes) {
      const found = this.#block(at).indexOf(0x0a, at - blockStart(at));
      if (found !== -1) return blockStart(at) + found;
    }
    return this.#content.size;
  }

  /** Keys are ids and a few words: the string ends at the first quote that no backslash escapes. */
  #keyAt(start: number): string {
    const line = this.#text(start, Math.min(this.#lineEnd(start), start + maxKeyBytes)).slice(lead.length);
    const key = /^"(?:[^"\\]|\\.)*"/.exec(line)?.[0];
    return JSON.parse(key ?? '') as string;
  }

  #text(from: number, to: number): string {
    const at = blockStart(from);
    if (to <= at + blockBytes) return this.#block(from).toString('utf8', from - at, to - at);
    return this.#content.read(from, to - from).toString('utf8');
  }

  #block(at: number): Buffer {
    const start = blockStart(at);
    let block = this.#blocks.get(start);
    if (!block) {
      block = this.#content.read(start, Math.min(blockBytes, this.#content.size - start));
      this.#blocks.set(start, block);
    }
    return block;
  }
}

/** Longer than any key. */
const maxKeyBytes = 4_096;

function blockStart(at: number): number {
  return at - (at % blockBytes);
}

/** The error for compiled content that is not as `compile` wrote it. */
export function corrupt(where: string, message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message,
    where,
    remedy: 'compile the content again with `scapfeed compile`',
    cause,
  });
}

/** The message for a part that has another shape; `fault`: the JSON pointer of what is wrong in it. */
export function notAsWritten(part: string, fault: string): string {
  const what = fault === '' ? 'has another form' : `has another form at ${fault.slice(0, 100)}`;
  return `the file is not as \`scapfeed compile\` writes it: ${part} ${what}`;
}
