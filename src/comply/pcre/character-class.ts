import {
  type CharSet,
  complement,
  posixClass,
  property,
  range,
  shorthand,
  single,
  union,
} from './char-set.ts';
import { type Cursor, readCode, readEscaped, take, takeCharacter, takes } from './characters.ts';
import { PatternError } from './pattern-error.ts';

/**
 * Maximum number of character ranges in a pattern, in and outside of classes: the three characters `\pL` expand to hundreds. The
 * longest patterns of names in use need some 20,000.
 */
const maxRanges = 100_000;

/** The set, counted for its pattern. Throws PatternError for one too many. */
export function countRanges(cursor: Cursor, set: CharSet): CharSet {
  cursor.ranges += set.length / 2;
  if (cursor.ranges > maxRanges)
    throw new PatternError(`character classes of more than ${maxRanges} ranges`, true);
  return set;
}

/** The rest of a class, behind its opening bracket. `ignoreSpace`: (?xx). */
export function readClass(cursor: Cursor, ignoreCase: boolean, ignoreSpace: boolean): CharSet {
  const members: CharSet[] = [];
  const reader = new ClassReader(cursor, ignoreCase, ignoreSpace);
  const negated = reader.negation();
  for (;;) {
    const member = reader.member(members.length === 0);
    if (!member) break;
    members.push(countRanges(cursor, member));
  }
  return negated ? complement(union(...members)) : union(...members);
}

class ClassReader {
  readonly #cursor: Cursor;
  readonly #ignoreCase: boolean;
  readonly #ignoreSpace: boolean;
  #quoted = false;

  constructor(cursor: Cursor, ignoreCase: boolean, ignoreSpace: boolean) {
    this.#cursor = cursor;
    this.#ignoreCase = ignoreCase;
    this.#ignoreSpace = ignoreSpace;
  }

  /** Empty quotes may precede `^`. */
  negation(): boolean {
    this.#skip();
    return !this.#quoted && takes(this.#cursor, '^');
  }

  /** A character, a range or a set; undefined behind the closing bracket. */
  member(first: boolean): CharSet | undefined {
    this.#skip();
    if (!this.#quoted && !first && takes(this.#cursor, ']')) return undefined;
    const from = this.#part();
    this.#skip();
    // A hyphen is itself in front of the closing bracket, and within \Q...\E.
    const hyphen =
      !this.#quoted && this.#cursor.text[this.#cursor.at + 1] !== ']' && takes(this.#cursor, '-');
    if (!hyphen) return typeof from === 'number' ? single(from, this.#ignoreCase) : from;
    this.#skip();
    if (!this.#quoted && this.#cursor.text[this.#cursor.at] === ']')
      throw new PatternError('a hyphen in front of quotes or spaces at the end of a class', true);
    const to = this.#part();
    if (typeof from !== 'number' || typeof to !== 'number')
      throw new PatternError('a set is no end of a range in a character class');
    if (to < from) throw new PatternError('range out of order in a character class');
    return range(from, to, this.#ignoreCase);
  }

  /** `\Q`, `\E` and, with (?xx), spaces. */
  #skip(): void {
    for (;;) {
      if (takes(this.#cursor, '\\E')) this.#quoted = false;
      else if (!this.#quoted && takes(this.#cursor, '\\Q')) this.#quoted = true;
      else if (this.#quoted || !this.#ignoreSpace || !(takes(this.#cursor, ' ') || takes(this.#cursor, '\t')))
        return;
    }
  }

  #part(): number | CharSet {
    if (this.#cursor.at >= this.#cursor.text.length) throw new PatternError('missing ] of a character class');
    if (this.#quoted) return takeCharacter(this.#cursor);
    const named = this.#cursor.text[this.#cursor.at] === '[' ? take(this.#cursor, posixForm) : undefined;
    if (named?.[1] === ':') return posixClass(named[2] as string, this.#ignoreCase);
    if (named) throw new PatternError(`${named[0]} in a character class is not supported`);
    if (takes(this.#cursor, '\\')) return this.#escape();
    return takeCharacter(this.#cursor);
  }

  #escape(): number | CharSet {
    if (this.#cursor.at >= this.#cursor.text.length) throw new PatternError('\\ at end of pattern');
    const escaped = takeCharacter(this.#cursor);
    const char = String.fromCodePoint(escaped);
    if (char === 'p' || char === 'P') return readProperty(this.#cursor, char, this.#ignoreCase);
    const set = shorthand(char);
    if (set) return set;
    if (char === 'b') return 8;
    if (!/[1-7]/.test(char)) return readEscaped(this.#cursor, escaped);
    this.#cursor.at -= 1;
    return readCode(this.#cursor, /([0-7]{1,3})/y, 8);
  }
}

/** `[:name:]`, and the same with `.` and `=`. */
export const posixForm = /\[([:.=])((?:\\[\\\]]|(?!\[\1|\1\]|\]|\\[\\\]])[\s\S])*)\1\]/y;

/** The set of `\p{..}` or `\P{..}`, behind its letter. */
export function readProperty(cursor: Cursor, letter: string, ignoreCase: boolean): CharSet {
  const match = take(cursor, /\{(\^?)([A-Za-z&]+)\}|()([A-Z])/y);
  if (!match) throw new PatternError(`\\${letter} of this form is not supported`, true);
  const name = match[2] ?? (match[4] as string);
  if (ignoreCase && /^L[ltu]$/.test(name))
    throw new PatternError(`the property ${name} without regard to case is not supported`, true);
  const set = property(name);
  return (letter === 'P') !== (match[1] === '^') ? complement(set) : set;
}
