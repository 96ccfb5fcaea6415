import { type Cursor, readCharacter, readCode } from './characters.ts';
import { bothCases, bothCasesRange, literal, posixClass, shorthandClass } from './classes.ts';
import { PatternError, type PcreFlags } from './syntax.ts';

/** The rest of a class, behind its opening bracket, as a class of JavaScript. `native`: case is left to JavaScript. */
export function readClass(cursor: Cursor, flags: PcreFlags, native: boolean): string {
  const negated = cursor.text[cursor.at] === '^';
  if (negated) cursor.at += 1;
  let inside = '';
  let first = true;
  for (;;) {
    const char = cursor.text[cursor.at];
    if (char === undefined) throw new PatternError('missing ] of a character class');
    if (char === ']' && !first) break;
    first = false;
    inside += readMember(cursor, flags, native);
  }
  cursor.at += 1;
  if (inside === '') return negated ? '[\\s\\S]' : '(?!)';
  return `[${negated ? '^' : ''}${inside}]`;
}

function readMember(cursor: Cursor, flags: PcreFlags, native: boolean): string {
  const named = /^\[:(\^?[a-z]+):\]/.exec(cursor.text.slice(cursor.at, cursor.at + 14));
  if (named) {
    cursor.at += named[0].length;
    return flags.ignoreCase
      ? posixClass((named[1] as string).replace(/lower|upper/, 'alpha'))
      : posixClass(named[1] as string);
  }
  const from = readClassCharacter(cursor);
  if (from.length !== 1) return from.slice(1);
  const range =
    cursor.text[cursor.at] === '-' &&
    cursor.text[cursor.at + 1] !== ']' &&
    cursor.text[cursor.at + 1] !== undefined;
  if (!range) return one(from, flags, native);
  const before = cursor.at;
  cursor.at += 1;
  const to = /^\[:/.test(cursor.text.slice(cursor.at)) ? '\0set' : readClassCharacter(cursor);
  if (to.length !== 1) {
    cursor.at = before + 1;
    return `${one(from, flags, native)}\\-`;
  }
  if (to < from) throw new PatternError(`range out of order in a character class: ${from}-${to}`);
  return flags.ignoreCase && !native ? bothCasesRange(from, to) : `${literal(from)}-${literal(to)}`;
}

function one(char: string, flags: PcreFlags, native: boolean): string {
  return flags.ignoreCase && !native ? bothCases(char) : literal(char);
}

/** One character, or a marker and the inside of a set (`\d`). */
function readClassCharacter(cursor: Cursor): string {
  const char = cursor.text[cursor.at] as string;
  cursor.at += 1;
  if (char !== '\\') return char;
  const escaped = cursor.text[cursor.at];
  if (escaped === undefined) throw new PatternError('\\ at end of pattern');
  cursor.at += 1;
  const inside = shorthandClass(escaped);
  if (inside !== undefined) return `\0${inside}`;
  if (escaped === 'b') return '\b';
  if (escaped === 'Q' || escaped === 'E')
    throw new PatternError('\\Q in a character class is not supported', true);
  if (/[1-7]/.test(escaped)) {
    cursor.at -= 1;
    return readCode(cursor, /^([0-7]{1,3})/, 8);
  }
  return readCharacter(cursor, escaped);
}
