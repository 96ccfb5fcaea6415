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

/** Limits on what a JSON text may make of itself in memory. */
export interface JsonBound {
  /** Values, counted before one is made; default: as many as take less than a gigabyte. */
  maxValues?: number;
  /** Levels of arrays and objects, for readers that go down into values; default: any. */
  maxDepth?: number;
  /**
   * Refuses a name that an object has twice: JSON.parse takes the last value, other readers the first. For statements that can clear a
   * flaw or admit an image, which somebody may have checked with another reader. They may have 256 levels.
   */
  uniqueNames?: boolean;
}

/**
 * Values of the largest document that a machine should keep whole: results of some hundred images. An empty object is three
 * bytes of text and a hundred of memory, so that the length of a text alone bounds nothing.
 */
const mostValues = 8_000_000;

/** A value has one byte at least, and one between it and the next. */
const bytesOfValue = 2;

/** Levels of a text whose names are compared: those of all open objects are kept. */
const mostNamedLevels = 256;

/** A text is above a bound, which the message names. */
export class JsonBoundError extends RangeError {
  constructor(most: number, what: 'levels' | 'values') {
    super(`expected at most ${most} ${what} of JSON, found more`);
  }
}

/** An object has a name twice. */
export class JsonNameError extends SyntaxError {
  constructor(name: string) {
    super(`expected each name once in an object, found ${JSON.stringify(name.slice(0, 100))} twice`);
  }
}

/** Keeps a byte order mark, which JSON.parse refuses. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Parses a JSON text of foreign origin. Throws JsonBoundError before anything is made of the text, JSON.parse's
 * SyntaxError, and JsonNameError, which is one too.
 */
export function parseForeignJson(text: Uint8Array | string, bound: JsonBound = {}): unknown {
  requireWithin(text, bound);
  const characters = typeof text === 'string' ? text : utf8.decode(text);
  const value: unknown = JSON.parse(characters);
  if (bound.uniqueNames) requireUniqueNames(characters);
  return value;
}

/** The checks of parseForeignJson that precede parsing. @throws JsonBoundError */
export function requireWithin(
  text: Uint8Array | string,
  { maxValues = mostValues, maxDepth = Number.POSITIVE_INFINITY }: JsonBound,
): void {
  // Most documents are too short to have as many values.
  if (text.length <= maxValues * bytesOfValue && maxDepth === Number.POSITIVE_INFINITY) return;
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  let values = 1;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        at = stringEnd(bytes, at);
        break;
      case comma:
        values += 1;
        break;
      case openBrace:
      case openBracket:
        values += 1;
        depth += 1;
        if (depth > maxDepth) throw new JsonBoundError(maxDepth, 'levels');
        break;
      case closeBrace:
      case closeBracket:
        depth -= 1;
    }
    if (values > maxValues) throw new JsonBoundError(maxValues, 'values');
  }
}

/** Throws JsonNameError for a valid JSON text with an object that has a name twice, and JsonBoundError for too many levels. */
function requireUniqueNames(text: string): void {
  // The names of each open object; an array, and an object without a name yet, has none.
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case openBrace:
      case openBracket:
        if (open.length >= mostNamedLevels) throw new JsonBoundError(mostNamedLevels, 'levels');
        open.push(undefined);
        break;
      case closeBrace:
      case closeBracket:
        open.pop();
        break;
      case quote: {
        const start = at;
        at = endOfString(text, start);
        if (!isName(text, at + 1)) break;
        const name = nameAt(text, start, at);
        const names = open.at(-1);
        if (names === undefined) open[open.length - 1] = new Set([name]);
        else if (names.has(name)) throw new JsonNameError(name);
        else names.add(name);
      }
    }
  }
}

/** A name between two quotes, without escapes. */
function nameAt(text: string, start: number, end: number): string {
  const name = text.slice(start + 1, end);
  return name.includes('\\') ? (JSON.parse(text.slice(start, end + 1)) as string) : name;
}

/** Whether a colon follows. */
function isName(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === colon;
}

/** Where the quote is that ends a string of a valid text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const character = text.charCodeAt(at);
    if (character === quote) return at;
    if (character === backslash) at += 1;
  }
}

/** Where the quote is that ends a string; the end of the text, if there is none. */
function stringEnd(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) return at;
    if (byte === backslash) at += 1;
  }
  return bytes.length;
}
