import { ScapfeedError } from '../model/error.ts';
import { type JsonBound, JsonNameError, parseForeignJson } from './foreign-json.ts';
import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  openBrace,
  openBracket,
  quote,
} from './json-codes.ts';

/** A value inside a JSON text in memory: its first byte, and the one after its last. */
export interface JsonPart {
  bytes: Buffer;
  start: number;
  end: number;
}

/** Levels of arrays and objects below a part. */
const maxDepth = 200;

/** Size of the pieces, in bytes, in which a value is parsed that is only checked. */
const pieceBytes = 1 << 20;

/**
 * Splits large JSON documents without parsing them: a document of 200 MB is read member by member and element by element, and
 * what is not needed is passed over: `check` looks whether that is JSON.
 */
export class JsonParts {
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  /** The one value of a document. */
  document(bytes: Buffer): JsonPart {
    const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    const start = skipSpace(bytes, bom, bytes.length);
    const end = this.#valueEnd(bytes, start, bytes.length);
    const rest = skipSpace(bytes, end, bytes.length);
    if (rest < bytes.length) throw this.#broken('expected the end', rest);
    return { bytes, start, end };
  }

  /** The members of an object in their order. A name that occurs twice is refused: readers differ in which one counts. */
  *members(part: JsonPart): Generator<[name: string, value: JsonPart]> {
    const { bytes, end } = part;
    const names = new Set<string>();
    if (bytes[part.start] !== openBrace) throw this.#broken('expected an object', part.start);
    let at = skipSpace(bytes, part.start + 1, end);
    while (bytes[at] !== closeBrace) {
      if (bytes[at] !== quote) throw this.#broken('expected a name in quotes', at);
      const nameEnd = this.#stringEnd(bytes, at, end);
      const name = String(this.#parsed(bytes, at, nameEnd));
      if (names.has(name)) throw this.#broken(new JsonNameError(name).message, at);
      names.add(name);
      at = skipSpace(bytes, nameEnd, end);
      if (bytes[at] !== colon) throw this.#broken('expected ":"', at);
      const start = skipSpace(bytes, at + 1, end);
      const valueEnd = this.#valueEnd(bytes, start, end);
      yield [name, { bytes, start, end: valueEnd }];
      at = this.#next(bytes, valueEnd, end, closeBrace);
    }
  }

  /** The elements of an array in their order; null has none. Another value is refused: what it holds would not be seen. */
  *elements(part: JsonPart): Generator<JsonPart> {
    const { bytes, end } = part;
    if (end - part.start === 4 && bytes.toString('latin1', part.start, end) === 'null') return;
    if (bytes[part.start] !== openBracket) throw this.#broken('expected an array', part.start);
    let at = skipSpace(bytes, part.start + 1, end);
    while (bytes[at] !== closeBracket) {
      const valueEnd = this.#valueEnd(bytes, at, end);
      yield { bytes, start: at, end: valueEnd };
      at = this.#next(bytes, valueEnd, end, closeBracket);
    }
  }

  /** The objects of an array, parsed. @throws {ScapfeedError} SOURCE_NOT_JSON for an element of another kind */
  *objects(part: JsonPart): Generator<Readonly<Record<string, unknown>>> {
    for (const element of this.elements(part)) {
      if (!this.isObject(element)) throw this.#broken('expected an object', element.start);
      yield this.parse(element) as Readonly<Record<string, unknown>>;
    }
  }

  /** Throws for a part that is no JSON. A large one is parsed in pieces, of which none is kept. */
  check(part: JsonPart): void {
    const first = part.bytes[part.start];
    if (part.end - part.start < pieceBytes) this.#parsed(part.bytes, part.start, part.end);
    else if (first === openBracket) for (const element of this.elements(part)) this.check(element);
    else if (first === openBrace) for (const [, value] of this.members(part)) this.check(value);
    else this.#parsed(part.bytes, part.start, part.end);
  }

  isObject({ bytes, start }: JsonPart): boolean {
    return bytes[start] === openBrace;
  }

  /** The value of a part; a name that an object has twice is refused. */
  parse({ bytes, start, end }: JsonPart): unknown {
    return this.#parsed(bytes, start, end, { uniqueNames: true });
  }

  #parsed(bytes: Buffer, start: number, end: number, bound?: JsonBound): unknown {
    try {
      return parseForeignJson(bytes.subarray(start, end), bound);
    } catch (cause) {
      throw this.#broken((cause as Error).message.replace(/ in JSON.*$/s, ''), start);
    }
  }

  /** After a member: the bracket that closes, or what follows a comma. */
  #next(bytes: Buffer, from: number, end: number, close: number): number {
    const at = skipSpace(bytes, from, end);
    if (bytes[at] === close) return at;
    if (bytes[at] !== comma) throw this.#broken('expected "," or a closing bracket', at);
    const next = skipSpace(bytes, at + 1, end);
    if (bytes[next] === close) throw this.#broken('expected a member after ","', next);
    return next;
  }

  #valueEnd(bytes: Buffer, start: number, end: number): number {
    const first = bytes[start];
    if (start >= end || first === undefined) throw this.#broken('expected a value', start);
    if (first === quote) return this.#stringEnd(bytes, start, end);
    if (first !== openBrace && first !== openBracket) return wordEnd(bytes, start, end);
    let depth = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (byte === quote) at = this.#stringEnd(bytes, at, end) - 1;
      else if (byte === openBrace || byte === openBracket) {
        depth += 1;
        if (depth > maxDepth) throw this.#broken(`expected at most ${maxDepth} levels of nesting`, at);
      } else if (byte === closeBrace || byte === closeBracket) {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
    }
    throw this.#broken('expected the closing bracket', end);
  }

  #stringEnd(bytes: Buffer, start: number, end: number): number {
    for (let at = start + 1; at < end; at++) {
      const byte = bytes[at];
      if (byte === quote) return at + 1;
      if (byte === backslash) at += 1;
    }
    throw this.#broken('expected the closing quote of a string', end);
  }

  #broken(message: string, at: number): ScapfeedError {
    return new ScapfeedError({
      code: 'SOURCE_NOT_JSON',
      message: `${message}, at byte ${at}`,
      where: this.#where,
      remedy: 'write the document again, or download it from its publisher again',
    });
  }
}

function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09))
    at += 1;
  return at;
}

/** A number or a word ends where a separator begins. */
function wordEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && !isSeparator(bytes[at]!)) at += 1;
  return at;
}

function isSeparator(byte: number): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || byte <= 0x20;
}

// Values of parsed JSON or XML whose shape is not known.

export type Fields = Readonly<Record<string, unknown>>;

/** The value's members; none if it is not an object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The value as a list: absent is empty, a single value is a list of one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** The members that have a value. */
export function known<T extends Record<string, unknown>>(
  members: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
