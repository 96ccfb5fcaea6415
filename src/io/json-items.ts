import { ScapfeedError } from '../model/error.ts';
import { backslash, closeBrace, closeBracket, comma, openBrace, openBracket, quote } from './json-codes.ts';

export interface ItemsOptions {
  /** The name of the list in the document's outermost object. */
  list: string;
  /** Limit on one item in bytes; a longer one is passed to `tooLong` and left out. */
  maxItemBytes: number;
  where: string;
  tooLong(at: number): void;
  /** A value in the list that is no object and no list; default: it is left out, and not counted. */
  stray?(at: number): void;
}

const blank = 0x20;

/**
 * Yields the text of each object in one list of a JSON document, and at last the document without that list's items. Memory
 * grows with one item, however long the list is.
 * @throws SOURCE_NOT_JSON for a document that is cut or has no such list
 */
export async function* readItems(
  body: AsyncIterable<Uint8Array>,
  options: ItemsOptions,
): AsyncGenerator<{ item: string; at: number } | { rest: string }> {
  const { list, maxItemBytes, where, tooLong, stray } = options;
  const opening = new RegExp(`"${list}"\\s*:\\s*$`);
  const outside: string[] = [];
  let outsideBytes = 0;
  let pieces: Buffer[] = [];
  let size = 0;
  let depth = 0;
  let inList = false;
  let inString = false;
  let escaped = false;
  let count = 0;
  /** Within a value that is reported as a stray one. */
  let inStray = false;
  /** Only the last characters before a bracket are needed. */
  let tail = '';
  const keepOutside = (text: string) => {
    outside.push(text);
    outsideBytes += text.length;
    tail = (tail + text).slice(-(list.length + 40));
    if (outsideBytes > maxItemBytes) throw broken('a list of items', 'as much beside it', where);
  };
  for await (const chunk of body) {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inString = false;
        continue;
      }
      if (stray && inList && depth === 2) {
        if (byte === comma || byte === openBrace || byte === openBracket || byte === closeBracket)
          inStray = false;
        else if (!inStray && byte > blank) {
          inStray = true;
          stray(count);
          count += 1;
        }
      }
      if (byte === quote) inString = true;
      else if (byte === openBrace || byte === openBracket) {
        depth += 1;
        if (!inList && byte === openBracket && depth === 2) {
          keepOutside(piece.toString('latin1', start, at));
          if (opening.test(tail)) inList = true;
          keepOutside('[');
          start = at + 1;
        } else if (inList && depth === 3) {
          start = at;
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        depth -= 1;
        if (inList && depth === 2) {
          pieces.push(piece.subarray(start, at + 1));
          size += at + 1 - start;
          if (size > maxItemBytes) tooLong(count);
          else yield { item: Buffer.concat(pieces).toString('utf8'), at: count };
          count += 1;
          pieces = [];
          size = 0;
          start = at + 1;
        } else if (inList && depth === 1) {
          inList = false;
          start = at;
        }
      }
    }
    if (!inList) keepOutside(piece.toString('latin1', start));
    else if (depth >= 3) {
      size += piece.length - start;
      // Of an item that is too long only its end is still looked for.
      if (size > maxItemBytes) pieces = [];
      else pieces.push(Buffer.from(piece.subarray(start)));
    }
  }
  if (depth !== 0 || inString || outside.length === 0)
    throw broken('a whole JSON document', 'one that is cut', where);
  yield { rest: outside.join('') };
}

function broken(expected: string, found: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_NOT_JSON',
    message: `expected ${expected}, found ${found}`,
    where,
    remedy: 'fetch the document again; if it repeats, report it to its publisher',
  });
}
