import { PatternError } from './pattern-error.ts';

/** A pattern and how far it has been read. */
export interface Cursor {
  readonly text: string;
  at: number;
  /** Number of ranges of its types and the members of its character classes so far. */
  ranges: number;
}

/** Takes what a form with `y` matches at this place. */
export function take(cursor: Cursor, form: RegExp): RegExpExecArray | undefined {
  form.lastIndex = cursor.at;
  const match = form.exec(cursor.text);
  if (!match) return undefined;
  cursor.at = form.lastIndex;
  return match;
}

/** Takes a text if it stands at this place. */
export function takes(cursor: Cursor, text: string): boolean {
  const found = cursor.text.startsWith(text, cursor.at);
  if (found) cursor.at += text.length;
  return found;
}

/** Takes one character. The pattern must not be at its end. */
export function takeCharacter(cursor: Cursor): number {
  const code = cursor.text.codePointAt(cursor.at) as number;
  cursor.at += code > 0xffff ? 2 : 1;
  return code;
}

const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, e: 27, a: 7 };

/** Reads the character of an escape; the cursor is behind its first character after the backslash. */
export function readEscaped(cursor: Cursor, escaped: number): number {
  const char = String.fromCodePoint(escaped);
  const control = controls[char];
  if (control !== undefined) return control;
  switch (char) {
    case 'x':
      return readCode(cursor, /\{([\da-fA-F]+)\}|([\da-fA-F]{1,2})/y, 16);
    case 'o':
      return readCode(cursor, /\{([0-7]+)\}/y, 8);
    case '0':
      return readCode(cursor, /([0-7]{0,2})/y, 8);
    case 'c': {
      const [key] = take(cursor, /[ -~]/y) ?? [];
      if (key === undefined) throw new PatternError('\\c without a printable ASCII character');
      return key.toUpperCase().charCodeAt(0) ^ 64;
    }
  }
  if (/[0-9A-Za-z]/.test(char)) throw new PatternError(`unknown escape \\${char}`);
  return escaped;
}

/** The first group of the form that matched, as a character code. */
export function readCode(cursor: Cursor, form: RegExp, radix: number): number {
  const match = take(cursor, form);
  if (!match) throw new PatternError('malformed character code');
  const code = Number.parseInt(`0${match[1] ?? match[2]}`, radix);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw new PatternError(`not a character: ${match[0]}`);
  return code;
}
