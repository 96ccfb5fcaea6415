import { PatternError } from './syntax.ts';

/** A pattern and how far it has been read. */
export interface Cursor {
  readonly text: string;
  at: number;
}

/** The character that an escape stands for. */
export function readCharacter(cursor: Cursor, char: string): string {
  switch (char) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'f':
      return '\f';
    case 'e':
      return '\u001b';
    case 'a':
      return '\u0007';
    case 'x':
      return readHex(cursor);
    case 'o':
      return readCode(cursor, /^\{([0-7]+)\}/, 8);
    case '0':
      return readCode(cursor, /^([0-7]{0,2})/, 8);
    case 'c': {
      const control = cursor.text[cursor.at] ?? '';
      cursor.at += 1;
      return String.fromCharCode(control.toUpperCase().charCodeAt(0) ^ 64);
    }
  }
  if (/[A-Za-z]/.test(char)) throw new PatternError(`unknown escape \\${char}`);
  return char;
}

function readHex(cursor: Cursor): string {
  return cursor.text[cursor.at] === '{'
    ? readCode(cursor, /^\{([\da-fA-F]+)\}/, 16)
    : readCode(cursor, /^([\da-fA-F]{0,2})/, 16);
}

export function readCode(cursor: Cursor, form: RegExp, radix: number): string {
  const match = form.exec(cursor.text.slice(cursor.at, cursor.at + 12));
  if (!match) throw new PatternError('malformed character code');
  cursor.at += match[0].length;
  const code = match[1] === '' ? 0 : Number.parseInt(match[1] as string, radix);
  if (code > 0xffff) throw new PatternError('characters above U+FFFF are not supported in a pattern', true);
  return String.fromCharCode(code);
}
