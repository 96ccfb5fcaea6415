/** Limits on what a JSON text may make of itself in memory. */
export interface JsonBound {
  /** Values, counted before one is made; default: as many as take less than a gigabyte. */
  maxValues?: number;
  /** Levels of arrays and objects, for readers that go down into values; default: any. */
  maxDepth?: number;
}

/**
 * Values of the largest document that a machine should keep whole: results of some hundred images. An empty object is three
 * bytes of text and a hundred of memory, so that the length of a text alone bounds nothing.
 */
const mostValues = 8_000_000;

/** A value has one byte at least, and one between it and the next. */
const bytesOfValue = 2;

/** A text is above a bound; the message says which. */
export class JsonBoundError extends RangeError {
  constructor(most: number, what: 'levels' | 'values') {
    super(`expected at most ${most} ${what} of JSON, found more`);
  }
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * The value of a JSON text that somebody else wrote. Throws JsonBoundError before anything is made of the text, and JSON.parse's
 * SyntaxError.
 */
export function parseForeignJson(text: Buffer | string, bound: JsonBound = {}): unknown {
  requireWithin(text, bound);
  return JSON.parse(typeof text === 'string' ? text : text.toString('utf8'));
}

/** What parseForeignJson does before it parses. @throws JsonBoundError */
export function requireWithin(
  text: Buffer | string,
  { maxValues = mostValues, maxDepth = Number.POSITIVE_INFINITY }: JsonBound,
): void {
  // Most documents are too short to have as many values.
  if (text.length <= maxValues * bytesOfValue && maxDepth === Number.POSITIVE_INFINITY) return;
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
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

/** Where the quote is that ends a string; the end of the text, if there is none. */
function stringEnd(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) return at;
    if (byte === backslash) at += 1;
  }
  return bytes.length;
}
