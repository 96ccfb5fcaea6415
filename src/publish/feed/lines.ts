import { createHash } from 'node:crypto';
import { rosterBlockLines } from '../../feed/compile/index-writer.ts';
import { linesPerBlock } from '../../feed/compile/line-file.ts';
import { backslash, quote } from '../../io/json-codes.ts';
import type { OffsetIndex } from '../../model/feed/index.ts';

/** One line of a sorted line file: its key, and its position without the line end. */
export interface LineAt {
  key: string;
  start: number;
  end: number;
}

/** Lines of `index/*.jsonl` and `*.roster.txt`, in the order of the file. */
export function readLines(content: Buffer, path: string): LineAt[] {
  const keyOf = path.endsWith('.txt') ? bareKey : jsonKey;
  const lines: LineAt[] = [];
  for (let start = 0; start < content.length; ) {
    const found = content.indexOf(0x0a, start);
    const end = found === -1 ? content.length : found;
    lines.push({ key: keyOf(content, start, end), start, end });
    start = end + 1;
  }
  return lines;
}

/** The path of the offset index of a line file. */
export function offsetsPath(path: string): string {
  return path.replace(/\.[a-z]+$/, '.offsets.json');
}

export function isOffsets(path: string): boolean {
  return path.endsWith('.offsets.json');
}

/**
 * Makes the offset index of a line file as the compiler writes it. It is computed from the lines and not transferred,
 * because its digests would be the larger half of a nightly delta.
 */
export function offsetsOf(content: Buffer, path: string): Buffer {
  const every = path.endsWith('.txt') ? rosterBlockLines : linesPerBlock;
  const index: OffsetIndex = { every, keys: [], offsets: [], sha256: [] };
  const keyOf = path.endsWith('.txt') ? bareKey : jsonKey;
  for (let start = 0; start < content.length; ) {
    const end = blockEnd(content, start, every);
    index.keys.push(keyOf(content, start, content.indexOf(0x0a, start)));
    index.offsets.push(start);
    index.sha256.push(sha256(content.subarray(start, end)));
    start = end;
  }
  return Buffer.from(`${JSON.stringify(index)}\n`);
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function blockEnd(content: Buffer, start: number, every: number): number {
  let end = start;
  for (let line = 0; line < every && end < content.length; line++) {
    const found = content.indexOf(0x0a, end);
    end = found === -1 ? content.length : found + 1;
  }
  return end;
}

function bareKey(content: Buffer, start: number, end: number): string {
  return content.toString('utf8', start, end);
}

/** The first field of the line's object, which is its key: `{"package":"KEY",…`. */
function jsonKey(content: Buffer, start: number): string {
  const open = content.indexOf(0x3a, start) + 1;
  let close = content.indexOf(quote, open + 1);
  while (content[close - 1] === backslash && escapes(content, close))
    close = content.indexOf(quote, close + 1);
  const text = content.toString('utf8', open, close + 1);
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

function escapes(content: Buffer, at: number): boolean {
  let count = 0;
  while (content[at - 1 - count] === backslash) count += 1;
  return count % 2 === 1;
}
