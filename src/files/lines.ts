import type { RandomAccess } from '../model/inventory/index.ts';
import { unreadable } from './unreadable.ts';

/** Consecutive lines from one read of the file, as one text. */
export interface TextBlock {
  /** With their line ends (LF or CRLF), but for the newline of the last one. */
  text: string;
  /** False only for a last line without a newline, which is a block of its own. */
  ended: boolean;
  /** Number of lines in earlier blocks. */
  before: number;
}

/** The same as lines. */
export interface LineBlock {
  /** Without their line ends (LF or CRLF). */
  lines: readonly string[];
  /** False only for a last line without a newline, which is a block of its own. */
  ended: boolean;
}

/** dpkg's own longest lines (Depends of task packages) stay below 100 kB. */
export const maxLineBytes = 1 << 20;

const chunkBytes = 256 << 10;
const newline = 0x0a;

/** Yields the lines of a file in blocks. @throws PACKAGE_DATABASE_UNREADABLE as readTextBlocks */
export function* readLineBlocks(content: RandomAccess, where: string): Generator<LineBlock> {
  for (const { text, ended } of readTextBlocks(content, where)) yield { lines: linesOf(text), ended };
}

/**
 * Yields the text of a file in blocks of whole lines, so that neither a long file nor a long line is held whole.
 * @throws PACKAGE_DATABASE_UNREADABLE for a line that is too long, and for a NUL: the file was overwritten, and dpkg stops
 * there
 */
export function* readTextBlocks(content: RandomAccess, where: string): Generator<TextBlock> {
  let earlier = 0;
  let last: string | undefined;
  // Most files are one block, whose lines need no counting.
  const before = () => {
    if (last !== undefined) earlier += newlines(last, last.length) + 1;
    last = undefined;
    return earlier;
  };
  let pending: Buffer = Buffer.alloc(0);
  for (let offset = 0; offset < content.size; ) {
    const chunk = content.read(offset, chunkBytes);
    if (chunk.length === 0) break;
    offset += chunk.length;
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    // Decoded at once up to the last newline, which is not part of a longer UTF-8 character.
    const nul = bytes.indexOf(0);
    if (nul !== -1) {
      const line = before() + newlines(bytes.toString('latin1', 0, nul), nul) + 1;
      throw unreadable(`${where} line ${line}`, 'expected text, found a NUL');
    }
    const end = bytes.lastIndexOf(newline);
    if (end !== -1) {
      const text = bytes.toString('utf8', 0, end);
      yield { text, ended: true, before: before() };
      last = text;
    }
    pending = bytes.subarray(end + 1);
    if (pending.length > maxLineBytes) {
      throw unreadable(
        `${where} line ${before() + 1}`,
        `expected lines of at most ${maxLineBytes} bytes, found a longer one`,
      );
    }
  }
  if (pending.length > 0) yield { text: pending.toString('utf8'), ended: false, before: before() };
}

/** Newlines before a place. */
export function newlines(text: string, place: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < place; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** Lines of a text, without their line ends. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  return text.includes('\r') ? lines.map(withoutReturn) : lines;
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
