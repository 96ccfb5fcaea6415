import { ScapfeedError } from '../model/error.ts';
import { backslash, quote } from './json-codes.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface JsonOptions {
  /** File or address, for errors. */
  where: string;
  /** Levels of arrays and objects; default 64. Above it SOURCE_MALFORMED. */
  maxDepth?: number;
  /**
   * Called with the JSON pointer of each name that an object has more than once; the last value is used, as in
   * JSON.parse. Absent: duplicates are ignored.
   */
  onDuplicate?: (pointer: string) => void;
  /** Pointer of the text inside its document, if it is a part; default: the whole (''). */
  pointer?: string;
}

const defaultMaxDepth = 64;

/** Parses strict RFC 8259; errors have the place. @throws SOURCE_NOT_JSON, or SOURCE_MALFORMED if nested too deep */
export function parseJson(text: string, options: JsonOptions): Json {
  const parser = new Parser(text, options);
  return parser.document();
}

/** A name as a step of a JSON pointer (RFC 6901). */
export function pointerStep(name: string | number): string {
  return String(name).replaceAll('~', '~0').replaceAll('/', '~1');
}

const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Parser {
  #text: string;
  #where: string;
  #maxDepth: number;
  #onDuplicate: ((pointer: string) => void) | undefined;
  #base: string;
  #at = 0;
  /** Names and indexes of the path to the current value. */
  #path: (string | number)[] = [];

  constructor(text: string, { where, maxDepth = defaultMaxDepth, onDuplicate, pointer = '' }: JsonOptions) {
    this.#text = text;
    this.#where = where;
    this.#maxDepth = maxDepth;
    this.#onDuplicate = onDuplicate;
    this.#base = pointer;
  }

  document(): Json {
    if (this.#text.charCodeAt(0) === 0xfeff) this.#at = 1;
    const value = this.#value(this.#token());
    if (!Number.isNaN(this.#token())) throw this.#unexpected('the end');
    return value;
  }

  #value(token: number): Json {
    switch (token) {
      case 0x7b:
        return this.#object();
      case 0x5b:
        return this.#array();
      case quote:
        return this.#string();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(): Json {
    const object: { [name: string]: Json } = {};
    this.#enter();
    let token = this.#token();
    while (token !== 0x7d) {
      if (token !== quote) throw this.#unexpected('a name in quotes');
      const name = this.#string();
      if (this.#token() !== 0x3a) throw this.#unexpected('":"');
      this.#at++;
      this.#path.push(name);
      if (this.#onDuplicate && Object.hasOwn(object, name)) this.#onDuplicate(this.#pointer());
      const value = this.#value(this.#token());
      this.#path.pop();
      setOwn(object, name, value);
      token = this.#separator(0x7d, '"," or "}"');
    }
    this.#at++;
    return object;
  }

  #array(): Json {
    const array: Json[] = [];
    this.#enter();
    let token = this.#token();
    while (token !== 0x5d) {
      this.#path.push(array.length);
      array.push(this.#value(token));
      this.#path.pop();
      token = this.#separator(0x5d, '"," or "]"');
    }
    this.#at++;
    return array;
  }

  #enter(): void {
    this.#at++;
    if (this.#path.length < this.#maxDepth) return;
    throw new ScapfeedError({
      code: 'SOURCE_MALFORMED',
      message: `expected at most ${this.#maxDepth} levels of nesting, found more`,
      where: `${this.#where}#${this.#pointer()}`,
    });
  }

  /** After a member: its closing bracket, or a comma and the token after it, which may not be the bracket. */
  #separator(close: number, expected: string): number {
    const token = this.#token();
    if (token === close) return token;
    if (token !== 0x2c) throw this.#unexpected(expected);
    this.#at++;
    const next = this.#token();
    if (next === close) throw this.#unexpected('a member after ","');
    return next;
  }

  #string(): string {
    const start = this.#at + 1;
    const text = this.#text;
    for (let at = start; ; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      if (code === backslash) return this.#escaped(start, at);
      if (!(code >= 0x20)) {
        this.#at = at;
        throw this.#unexpected(
          Number.isNaN(code) ? 'the closing quote of a string' : 'no control character in a string',
        );
      }
    }
  }

  #escaped(start: number, firstBackslash: number): string {
    const text = this.#text;
    let value = text.slice(start, firstBackslash);
    let at = firstBackslash;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.#at = at + 1;
        return value;
      }
      if (!(code >= 0x20)) {
        this.#at = at;
        throw this.#unexpected('the closing quote of a string');
      }
      if (code !== backslash) {
        value += text[at++];
        continue;
      }
      const letter = text[at + 1] ?? '';
      const hex = letter === 'u' ? text.slice(at + 2, at + 6) : '';
      const plain = /^[0-9a-fA-F]{4}$/.test(hex)
        ? String.fromCharCode(Number.parseInt(hex, 16))
        : escapes[letter];
      if (plain === undefined) {
        this.#at = at;
        throw this.#unexpected('an escape that JSON knows');
      }
      value += plain;
      at += 2 + hex.length;
    }
  }

  #number(): number {
    numberForm.lastIndex = this.#at;
    const found = numberForm.exec(this.#text)?.[0];
    if (found === undefined) throw this.#unexpected('a value');
    this.#at += found.length;
    return Number(found);
  }

  #word<T extends Json>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected('a value');
    this.#at += word.length;
    return value;
  }

  /** Code of the next character that is not white space; NaN at the end. */
  #token(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.#at++;
    }
  }

  #pointer(): string {
    return this.#base + this.#path.map((step) => `/${pointerStep(step)}`).join('');
  }

  #unexpected(expected: string): ScapfeedError {
    const found = this.#text.slice(this.#at, this.#at + 20);
    return new ScapfeedError({
      code: 'SOURCE_NOT_JSON',
      message: `expected ${expected}, found ${found === '' ? 'the end of the text' : JSON.stringify(found)}`,
      where: `${this.#where}#${this.#pointer()} (character ${this.#at})`,
      remedy: 'fetch the document again; if it repeats, report it to its publisher',
    });
  }
}

/** `__proto__` is a name like any other in JSON. */
function setOwn(object: { [name: string]: Json }, name: string, value: Json): void {
  if (name !== '__proto__') {
    object[name] = value;
    return;
  }
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
