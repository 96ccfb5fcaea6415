import { readClass } from './character-class.ts';
import { type Cursor, readCharacter } from './characters.ts';
import { bothCases, literal, shorthandClass } from './classes.ts';
import { type Node, PatternError, type PcreFlags } from './syntax.ts';

/** A parsed pattern: its tree, and the names of its groups. */
interface ParsedPattern {
  root: Node;
  /** Number of capturing groups. */
  groups: number;
  names: Map<string, number>;
}

/** Longer patterns are refused; SSG's longest has 900 characters, generated lists a few thousand. */
export const maxPatternLength = 65_536;
const maxNesting = 100;

/** Parses a PCRE pattern. `native` leaves letter case to JavaScript's own flag. Throws PatternError. */
export function parsePcre(pattern: string, flags: PcreFlags, native: boolean): ParsedPattern {
  if (pattern.length > maxPatternLength)
    throw new PatternError(`pattern longer than ${maxPatternLength} characters`);
  const parser = new Parser(pattern.replace(/^(?:\(\*[A-Z_0-9=]+\))+/, ''), native);
  const root = parser.whole(flags);
  return { root, groups: parser.groups, names: parser.names };
}

/** JavaScript for PCRE's `^` and `$`, whose lines end at \n only and whose plain `$` also matches before a last \n. */
export const anchors = {
  start: '(?<![\\s\\S])',
  lineStart: '(?:(?<![\\s\\S])|(?<=\\n)(?=[\\s\\S]))',
  end: '(?=\\n?(?![\\s\\S]))',
  lineEnd: '(?![^\\n])',
  veryEnd: '(?![\\s\\S])',
};

/** JavaScript for `.` with and without (?s). */
export const anyCharacter = '[\\s\\S]';
export const anyButLineFeed = '[^\\n]';

class Parser {
  readonly names = new Map<string, number>();
  groups = 0;
  readonly #cursor: Cursor;
  readonly #native: boolean;
  #depth = 0;

  constructor(text: string, native: boolean) {
    this.#cursor = { text, at: 0 };
    this.#native = native;
  }

  whole(flags: PcreFlags): Node {
    const node = this.#alternatives({ ...flags });
    if (this.#cursor.at < this.#cursor.text.length)
      throw new PatternError(`unmatched ) at ${this.#cursor.at}`);
    return node;
  }

  /** Up to `)` or the end. Flags set inside hold to the end of the group, across its alternatives. */
  #alternatives(flags: PcreFlags, reset = false): Node {
    this.#depth += 1;
    if (this.#depth > maxNesting) throw new PatternError(`groups nested deeper than ${maxNesting}`, true);
    const branches: Node[] = [];
    const first = this.groups;
    let highest = first;
    for (;;) {
      if (reset) this.groups = first;
      branches.push(this.#sequence(flags));
      highest = Math.max(highest, this.groups);
      if (this.#cursor.text[this.#cursor.at] !== '|') break;
      this.#cursor.at += 1;
    }
    if (reset) this.groups = highest;
    this.#depth -= 1;
    return branches.length === 1 ? (branches[0] as Node) : { kind: 'alternatives', branches };
  }

  #sequence(flags: PcreFlags): Node {
    const items: Node[] = [];
    while (this.#cursor.at < this.#cursor.text.length) {
      const char = this.#cursor.text[this.#cursor.at] as string;
      if (char === '|' || char === ')') break;
      if (flags.extended && this.#skipExtended(char)) continue;
      const atom = this.#atom(char, flags);
      if (atom) items.push(this.#quantified(atom, flags));
    }
    return { kind: 'sequence', items };
  }

  #skipExtended(char: string): boolean {
    if (/\s/.test(char)) {
      this.#cursor.at += 1;
      return true;
    }
    if (char !== '#') return false;
    const end = this.#cursor.text.indexOf('\n', this.#cursor.at);
    this.#cursor.at = end === -1 ? this.#cursor.text.length : end + 1;
    return true;
  }

  #atom(char: string, flags: PcreFlags): Node | undefined {
    this.#cursor.at += 1;
    switch (char) {
      case '(':
        return this.#group(flags);
      case '[':
        return { kind: 'atom', source: readClass(this.#cursor, flags, this.#native) };
      case '\\':
        return this.#escape(flags);
      case '.':
        return { kind: 'atom', source: flags.dotAll ? anyCharacter : anyButLineFeed };
      case '^':
        return { kind: 'atom', source: flags.multiline ? anchors.lineStart : anchors.start };
      case '$':
        return { kind: 'atom', source: flags.multiline ? anchors.lineEnd : anchors.end };
      case '*':
      case '+':
      case '?':
        throw new PatternError(
          `quantifier ${char} at ${this.#cursor.at - 1} does not follow a repeatable item`,
        );
      default:
        return { kind: 'atom', source: this.#letter(char, flags) };
    }
  }

  #letter(char: string, flags: PcreFlags): string {
    if (!flags.ignoreCase || this.#native) return literal(char);
    const both = bothCases(char);
    return both === literal(char) ? both : `[${both}]`;
  }

  #quantified(atom: Node, flags: PcreFlags): Node {
    let node = atom;
    for (;;) {
      while (
        flags.extended &&
        this.#cursor.at < this.#cursor.text.length &&
        this.#skipExtended(this.#cursor.text[this.#cursor.at] as string)
      );
      const range = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(
        this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 24),
      )?.[0];
      if (range === undefined) return node;
      checkRange(range);
      this.#cursor.at += range.length;
      const next = this.#cursor.text[this.#cursor.at];
      const mode = next === '?' || next === '+' ? next : '';
      if (mode !== '') this.#cursor.at += 1;
      node = { kind: 'repeat', body: node, range, mode };
      // A `?` or `+` here changes the first quantifier; a counted one is a second quantifier (`a{2}{3}`).
      if (!/^\{\d+(?:,\d*)?\}/.test(this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 24)))
        return node;
    }
  }

  #group(flags: PcreFlags): Node | undefined {
    if (this.#cursor.text[this.#cursor.at] !== '?') return this.#capture(flags);
    const rest = this.#cursor.text.slice(this.#cursor.at + 1, this.#cursor.at + 130);
    const fixed = /^(?:[:|>]|[=!]|<[=!])/.exec(rest)?.[0];
    if (fixed !== undefined) return this.#special(fixed, flags);
    const name = /^(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/.exec(rest);
    if (name) return this.#capture(flags, name[1] ?? (name[2] as string), name[0].length + 1);
    const back = /^P=([A-Za-z_]\w*)\)/.exec(rest);
    if (back) return this.#take({ kind: 'backreference', group: back[1] as string }, back[0].length + 1);
    const call = /^(?:([+-]?\d+)|R|&(\w+)|P>(\w+))\)/.exec(rest);
    if (call) return this.#call(call);
    if (rest.startsWith('#')) return this.#comment();
    const inline = /^(\^?)([imsxnJU]*)(?:-([imsxnJU]*))?([:)])/.exec(rest);
    if (inline)
      return this.#inline(inline as unknown as [string, string, string, string | undefined, string], flags);
    throw new PatternError(`the construct (?${rest.slice(0, 4)} is not supported`, true);
  }

  #take(node: Node, length: number): Node {
    this.#cursor.at += length;
    return node;
  }

  #capture(flags: PcreFlags, name?: string, skip = 0): Node {
    this.#cursor.at += skip;
    this.groups += 1;
    const number = this.groups;
    if (name !== undefined) this.names.set(name, number);
    const body = this.#alternatives({ ...flags });
    this.#close();
    return { kind: 'capture', number, body };
  }

  #special(open: string, flags: PcreFlags): Node {
    this.#cursor.at += 1 + open.length;
    const body = this.#alternatives({ ...flags }, open === '|');
    this.#close();
    if (open === '>') return { kind: 'atomic', body };
    return open === ':' || open === '|' ? { kind: 'plain', body } : { kind: 'look', open, body };
  }

  #call(match: RegExpExecArray): Node {
    this.#cursor.at += match[0].length + 1;
    const relative = match[1];
    if (relative === undefined) return { kind: 'call', group: match[2] ?? match[3] ?? 0 };
    const number = Number(relative);
    const signed = /^[+-]/.test(relative);
    return { kind: 'call', group: signed ? this.groups + number + (number < 0 ? 1 : 0) : number };
  }

  #comment(): undefined {
    const end = this.#cursor.text.indexOf(')', this.#cursor.at);
    if (end === -1) throw new PatternError('comment without end');
    this.#cursor.at = end + 1;
    return undefined;
  }

  #inline(
    [whole, reset, on, off, end]: [string, string, string, string | undefined, string],
    flags: PcreFlags,
  ): Node | undefined {
    this.#cursor.at += 1 + whole.length;
    const scope = end === ')' ? flags : { ...flags };
    if (reset) Object.assign(scope, { ignoreCase: false, multiline: false, dotAll: false, extended: false });
    setFlags(scope, on, true);
    setFlags(scope, off ?? '', false);
    if (end === ')') return undefined;
    const body = this.#alternatives(scope);
    this.#close();
    return { kind: 'plain', body };
  }

  #close(): void {
    if (this.#cursor.text[this.#cursor.at] !== ')') throw new PatternError('missing )');
    this.#cursor.at += 1;
  }

  #escape(flags: PcreFlags): Node {
    const char = this.#cursor.text[this.#cursor.at];
    if (char === undefined) throw new PatternError('\\ at end of pattern');
    this.#cursor.at += 1;
    const inside = shorthandClass(char);
    if (inside !== undefined) return { kind: 'atom', source: `[${inside}]` };
    switch (char) {
      case 'A':
      case 'G':
        return { kind: 'atom', source: anchors.start };
      case 'Z':
        return { kind: 'atom', source: anchors.end };
      case 'z':
        return { kind: 'atom', source: anchors.veryEnd };
      case 'b':
      case 'B':
        return { kind: 'atom', source: `\\${char}` };
      case 'R':
        return { kind: 'atom', source: '(?:\\r\\n|[\\n-\\r\\u0085\\u2028\\u2029])' };
      case 'Q':
        return this.#quoted(flags);
      case 'E':
        return { kind: 'sequence', items: [] };
      case 'K':
      case 'X':
      case 'C':
      case 'p':
      case 'P':
        throw new PatternError(`the escape \\${char} is not supported`, true);
      case 'k':
        return this.#namedReference();
      case 'g':
        return this.#numberedReference();
    }
    if (/[1-9]/.test(char)) return this.#digits(char, flags);
    return { kind: 'atom', source: this.#letter(readCharacter(this.#cursor, char), flags) };
  }

  #quoted(flags: PcreFlags): Node {
    const end = this.#cursor.text.indexOf('\\E', this.#cursor.at);
    const text = this.#cursor.text.slice(this.#cursor.at, end === -1 ? undefined : end);
    this.#cursor.at = end === -1 ? this.#cursor.text.length : end + 2;
    return {
      kind: 'sequence',
      items: [...text].map((char) => ({ kind: 'atom', source: this.#letter(char, flags) })),
    };
  }

  #namedReference(): Node {
    const match = /^(?:<(\w+)>|'(\w+)'|\{(\w+)\})/.exec(
      this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 130),
    );
    if (!match) throw new PatternError('\\k without a group name');
    return this.#take(
      { kind: 'backreference', group: match[1] ?? match[2] ?? (match[3] as string) },
      match[0].length,
    );
  }

  #numberedReference(): Node {
    const match = /^(?:(-?\d+)|\{(-?\d+)\}|\{(\w+)\})/.exec(
      this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 130),
    );
    if (!match) throw new PatternError('\\g of this form is not supported', true);
    if (match[3] !== undefined)
      return this.#take({ kind: 'backreference', group: match[3] }, match[0].length);
    const number = Number(match[1] ?? match[2]);
    return this.#take(
      { kind: 'backreference', group: number < 0 ? this.groups + 1 + number : number },
      match[0].length,
    );
  }

  /** `\N` is a back reference below 10 or where so many groups stand before it, else an octal code. */
  #digits(char: string, flags: PcreFlags): Node {
    const digits = /^\d*/.exec(this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 3))?.[0] ?? '';
    const number = Number(char + digits);
    if (number < 10 || number <= this.groups)
      return this.#take({ kind: 'backreference', group: number }, digits.length);
    const octal = /^[0-7]{1,3}/.exec(char + digits)?.[0];
    if (octal === undefined) throw new PatternError(`reference to a group that does not exist: \\${number}`);
    this.#cursor.at += octal.length - 1;
    return { kind: 'atom', source: this.#letter(String.fromCharCode(Number.parseInt(octal, 8)), flags) };
  }
}

function setFlags(flags: PcreFlags, letters: string, value: boolean): void {
  for (const letter of letters) {
    if (letter === 'i') flags.ignoreCase = value;
    else if (letter === 'm') flags.multiline = value;
    else if (letter === 's') flags.dotAll = value;
    else if (letter === 'x') flags.extended = value;
    else throw new PatternError(`the option ${letter} is not supported`, true);
  }
}

/** PCRE's own limit of a repeat count. */
const maxRepeat = 65_535;

function checkRange(range: string): void {
  const [min, max] = range.replace(/[{}]/g, '').split(',').map(Number);
  if (min !== undefined && min > maxRepeat) throw new PatternError(`repeat count above ${maxRepeat}`);
  if (max && min !== undefined && max < min) throw new PatternError(`repeat range out of order: ${range}`);
}
