import type { RandomAccess } from '../model/index.ts';
import { unreadable } from './unreadable.ts';

/** Consecutive lines from one read of the file. */
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

/**
 * Yields the lines of a file in blocks, so that neither a long file nor a long line is held whole.
 * @throws PACKAGE_DATABASE_UNREADABLE for a line that is too long, and for a NUL: the file was overwritten, and dpkg stops
 * there
 */
export function* readLineBlocks(content: RandomAccess, where: string): Generator<LineBlock> {
  let number = 0;
  let pending: Buffer = Buffer.alloc(0);
  for (let offset = 0; offset < content.size; ) {
    const chunk = content.read(offset, chunkBytes);
    if (chunk.length === 0) break;
    offset += chunk.length;
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    // Decoded at once up to the last newline, which is not part of a longer UTF-8 character.
    const nul = bytes.indexOf(0);
    if (nul !== -1) {
      const before = bytes.toString('latin1', 0, nul).split('\n').length - 1;
      throw unreadable(`${where} line ${number + before + 1}`, 'expected text, found a NUL');
    }
    const end = bytes.lastIndexOf(newline);
    if (end !== -1) {
      const lines = linesOf(bytes.toString('utf8', 0, end));
      number += lines.length;
      yield { lines, ended: true };
    }
    pending = bytes.subarray(end + 1);
    if (pending.length > maxLineBytes) {
      throw unreadable(
        `${where} line ${number + 1}`,
        `expected lines of at most ${maxLineBytes} bytes, found a longer one`,
      );
    }
  }
  if (pending.length > 0) yield { lines: linesOf(pending.toString('utf8')), ended: false };
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  return text.includes('\r') ? lines.map(withoutReturn) : lines;
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
