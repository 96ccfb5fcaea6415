import { ScapfeedError } from '../model/error.ts';
import { type Json, type JsonOptions, parseJson, pointerStep } from './json.ts';
import { backslash, closeBrace, closeBracket, comma, openBrace, openBracket, quote } from './json-codes.ts';

export interface MembersOptions extends Omit<JsonOptions, 'pointer'> {
  /** Limit on one member in bytes; above it SOURCE_TOO_LARGE. It limits memory, however long the document is. */
  maxMemberBytes: number;
}

/**
 * Yields the members of a JSON document that is one large object, in its order and one at a time. Throws as parseJson does,
 * also for a truncated document. Duplicate names are passed to onDuplicate, and both values are yielded.
 */
export async function* readMembers(
  body: AsyncIterable<Uint8Array>,
  options: MembersOptions,
): AsyncGenerator<[name: string, value: Json]> {
  const splitter = new MemberSplitter(options);
  const seen = new Set<string>();
  for await (const piece of body) {
    for (const text of splitter.push(piece)) {
      const [name, value] = parseMember(text, options);
      if (seen.has(name)) options.onDuplicate?.(`/${pointerStep(name)}`);
      seen.add(name);
      yield [name, value];
    }
  }
  splitter.end();
}

/** Wrapped in braces again, so that the parser's pointers begin at the root. */
function parseMember(text: string, options: MembersOptions): [string, Json] {
  const [member] = Object.entries(parseJson(`{${text}}`, options) as { [name: string]: Json });
  if (member) return member;
  throw notJson('expected a member after ","', options.where);
}

/** Splits at the commas between the outermost braces; these are ASCII bytes, so no character is split. */
class MemberSplitter {
  #options: MembersOptions;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #state: 'before' | 'inside' | 'after' = 'before';
  #pieces: Uint8Array[] = [];
  #size = 0;
  #members = 0;

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  *push(piece: Uint8Array): Generator<string> {
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (this.#inString) {
        this.#string(byte);
      } else if (this.#depth === 0) {
        if (this.#outside(byte)) start = at + 1;
      } else if (byte === quote) {
        this.#inString = true;
      } else if (byte === openBrace || byte === openBracket) {
        this.#depth++;
      } else if (byte === comma && this.#depth === 1) {
        yield this.#cut(piece.subarray(start, at));
        start = at + 1;
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth--;
        if (this.#depth > 0) continue;
        this.#state = 'after';
        const last = this.#cut(piece.subarray(start, at));
        if (this.#members > 1 || last.trim() !== '') yield last;
      }
    }
    if (this.#state === 'inside') this.#keep(piece.subarray(start));
  }

  end(): void {
    if (this.#state === 'after') return;
    const tail = JSON.stringify(Buffer.concat(this.#pieces).toString('utf8').slice(-40));
    const found = this.#state === 'before' ? 'nothing' : `one that stops at ${tail}`;
    throw notJson(`expected a whole JSON object, found ${found}`, this.#options.where);
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === backslash) this.#escaped = true;
    else if (byte === quote) this.#inString = false;
  }

  /** True when the token is the document's opening brace. */
  #outside(byte: number): boolean {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return false;
    // A byte order mark, which some editors add.
    if (this.#state === 'before' && (byte === 0xef || byte === 0xbb || byte === 0xbf)) return false;
    if (this.#state === 'before' && byte === openBrace) {
      this.#state = 'inside';
      this.#depth = 1;
      return true;
    }
    const expected = this.#state === 'before' ? 'a JSON object' : 'the end';
    throw notJson(
      `expected ${expected}, found ${JSON.stringify(String.fromCharCode(byte))}`,
      this.#options.where,
    );
  }

  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    const { maxMemberBytes, where } = this.#options;
    if (this.#size <= maxMemberBytes) return;
    throw new ScapfeedError({
      code: 'SOURCE_TOO_LARGE',
      message: `expected at most ${maxMemberBytes} bytes in one member, found more`,
      where,
    });
  }

  #cut(piece: Uint8Array): string {
    this.#keep(piece);
    const text = Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#size = 0;
    this.#members++;
    return text;
  }
}

function notJson(message: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_NOT_JSON',
    message,
    where,
    remedy: 'fetch the document again; if it repeats, report it to its publisher',
  });
}
