import { bothCases, bothCasesRange, literal, posixClass, shorthandClass } from './classes.ts';
import { type Node, PatternError, type PcreFlags } from './syntax.ts';

/** A parsed pattern: its tree, and the names of its groups. */
export interface ParsedPattern {
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
  readonly #text: string;
  readonly #native: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, native: boolean) {
    this.#text = text;
    this.#native = native;
  }

  whole(flags: PcreFlags): Node {
    const node = this.#alternatives({ ...flags });
    if (this.#at < this.#text.length) throw new PatternError(`unmatched ) at ${this.#at}`);
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
      if (this.#text[this.#at] !== '|') break;
      this.#at += 1;
    }
    if (reset) this.groups = highest;
    this.#depth -= 1;
    return branches.length === 1 ? (branches[0] as Node) : { kind: 'alternatives', branches };
  }

  #sequence(flags: PcreFlags): Node {
    const items: Node[] = [];
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] as string;
      if (char === '|' || char === ')') break;
      if (flags.extended && this.#skipExtended(char)) continue;
      const atom = this.#atom(char, flags);
      if (atom) items.push(this.#quantified(atom, flags));
    }
    return { kind: 'sequence', items };
  }

  #skipExtended(char: string): boolean {
    if (/\s/.test(char)) {
      this.#at += 1;
      return true;
    }
    if (char !== '#') return false;
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end + 1;
    return true;
  }

  #atom(char: string, flags: PcreFlags): Node | undefined {
    this.#at += 1;
    switch (char) {
      case '(':
        return this.#group(flags);
      case '[':
        return { kind: 'atom', source: this.#characterClass(flags) };
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
        throw new PatternError(`quantifier ${char} at ${this.#at - 1} does not follow a repeatable item`);
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
        this.#at < this.#text.length &&
        this.#skipExtended(this.#text[this.#at] as string)
      );
      const range = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.#text.slice(this.#at, this.#at + 24))?.[0];
      if (range === undefined) return node;
      checkRange(range);
      this.#at += range.length;
      const next = this.#text[this.#at];
      const mode = next === '?' || next === '+' ? next : '';
      if (mode !== '') this.#at += 1;
      node = { kind: 'repeat', body: node, range, mode };
      // PCRE refuses a second quantifier after `?`/`+` only where it cannot be read otherwise; `a{2}{3}` is legal.
      if (!/^\{\d+(?:,\d*)?\}/.test(this.#text.slice(this.#at, this.#at + 24))) return node;
    }
  }

  #group(flags: PcreFlags): Node | undefined {
    if (this.#text[this.#at] !== '?') return this.#capture(flags);
    const rest = this.#text.slice(this.#at + 1, this.#at + 130);
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
    this.#at += length;
    return node;
  }

  #capture(flags: PcreFlags, name?: string, skip = 0): Node {
    this.#at += skip;
    this.groups += 1;
    const number = this.groups;
    if (name !== undefined) this.names.set(name, number);
    const body = this.#alternatives({ ...flags });
    this.#close();
    return { kind: 'capture', number, body };
  }

  #special(open: string, flags: PcreFlags): Node {
    this.#at += 1 + open.length;
    const body = this.#alternatives({ ...flags }, open === '|');
    this.#close();
    if (open === '>') return { kind: 'atomic', body };
    return open === ':' || open === '|' ? { kind: 'plain', body } : { kind: 'look', open, body };
  }

  #call(match: RegExpExecArray): Node {
    this.#at += match[0].length + 1;
    const relative = match[1];
    if (relative === undefined) return { kind: 'call', group: match[2] ?? match[3] ?? 0 };
    const number = Number(relative);
    const signed = /^[+-]/.test(relative);
    return { kind: 'call', group: signed ? this.groups + number + (number < 0 ? 1 : 0) : number };
  }

  #comment(): undefined {
    const end = this.#text.indexOf(')', this.#at);
    if (end === -1) throw new PatternError('comment without end');
    this.#at = end + 1;
    return undefined;
  }

  #inline(
    [whole, reset, on, off, end]: [string, string, string, string | undefined, string],
    flags: PcreFlags,
  ): Node | undefined {
    this.#at += 1 + whole.length;
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
    if (this.#text[this.#at] !== ')') throw new PatternError('missing )');
    this.#at += 1;
  }

  #escape(flags: PcreFlags): Node {
    const char = this.#text[this.#at];
    if (char === undefined) throw new PatternError('\\ at end of pattern');
    this.#at += 1;
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
    return { kind: 'atom', source: this.#letter(this.#character(char), flags) };
  }

  #quoted(flags: PcreFlags): Node {
    const end = this.#text.indexOf('\\E', this.#at);
    const text = this.#text.slice(this.#at, end === -1 ? undefined : end);
    this.#at = end === -1 ? this.#text.length : end + 2;
    return {
      kind: 'sequence',
      items: [...text].map((char) => ({ kind: 'atom', source: this.#letter(char, flags) })),
    };
  }

  #namedReference(): Node {
    const match = /^(?:<(\w+)>|'(\w+)'|\{(\w+)\})/.exec(this.#text.slice(this.#at, this.#at + 130));
    if (!match) throw new PatternError('\\k without a group name');
    return this.#take(
      { kind: 'backreference', group: match[1] ?? match[2] ?? (match[3] as string) },
      match[0].length,
    );
  }

  #numberedReference(): Node {
    const match = /^(?:(-?\d+)|\{(-?\d+)\}|\{(\w+)\})/.exec(this.#text.slice(this.#at, this.#at + 130));
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
    const digits = /^\d*/.exec(this.#text.slice(this.#at, this.#at + 3))?.[0] ?? '';
    const number = Number(char + digits);
    if (number < 10 || number <= this.groups)
      return this.#take({ kind: 'backreference', group: number }, digits.length);
    const octal = /^[0-7]{1,3}/.exec(char + digits)?.[0];
    if (octal === undefined) throw new PatternError(`reference to a group that does not exist: \\${number}`);
    this.#at += octal.length - 1;
    return { kind: 'atom', source: this.#letter(String.fromCharCode(Number.parseInt(octal, 8)), flags) };
  }

  /** The character that an escape stands for. */
  #character(char: string): string {
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
        return this.#hex();
      case 'o':
        return this.#code(/^\{([0-7]+)\}/, 8);
      case '0':
        return this.#code(/^([0-7]{0,2})/, 8);
      case 'c': {
        const control = this.#text[this.#at] ?? '';
        this.#at += 1;
        return String.fromCharCode(control.toUpperCase().charCodeAt(0) ^ 64);
      }
    }
    if (/[A-Za-z]/.test(char)) throw new PatternError(`unknown escape \\${char}`);
    return char;
  }

  #hex(): string {
    return this.#text[this.#at] === '{'
      ? this.#code(/^\{([\da-fA-F]+)\}/, 16)
      : this.#code(/^([\da-fA-F]{0,2})/, 16);
  }

  #code(form: RegExp, radix: number): string {
    const match = form.exec(this.#text.slice(this.#at, this.#at + 12));
    if (!match) throw new PatternError('malformed character code');
    this.#at += match[0].length;
    const code = match[1] === '' ? 0 : Number.parseInt(match[1] as string, radix);
    if (code > 0xffff) throw new PatternError('characters above U+FFFF are not supported in a pattern', true);
    return String.fromCharCode(code);
  }

  #characterClass(flags: PcreFlags): string {
    const negated = this.#text[this.#at] === '^';
    if (negated) this.#at += 1;
    let inside = '';
    let first = true;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) throw new PatternError('missing ] of a character class');
      if (char === ']' && !first) break;
      first = false;
      inside += this.#classMember(flags);
    }
    this.#at += 1;
    if (inside === '') return negated ? '[\\s\\S]' : '(?!)';
    return `[${negated ? '^' : ''}${inside}]`;
  }

  #classMember(flags: PcreFlags): string {
    const named = /^\[:(\^?[a-z]+):\]/.exec(this.#text.slice(this.#at, this.#at + 14));
    if (named) {
      this.#at += named[0].length;
      return flags.ignoreCase
        ? posixClass((named[1] as string).replace(/lower|upper/, 'alpha'))
        : posixClass(named[1] as string);
    }
    const from = this.#classCharacter();
    if (from.length !== 1) return from.slice(1);
    const range =
      this.#text[this.#at] === '-' &&
      this.#text[this.#at + 1] !== ']' &&
      this.#text[this.#at + 1] !== undefined;
    if (!range) return this.#one(from, flags);
    const before = this.#at;
    this.#at += 1;
    const to = /^\[:/.test(this.#text.slice(this.#at)) ? '\0set' : this.#classCharacter();
    if (to.length !== 1) {
      this.#at = before + 1;
      return `${this.#one(from, flags)}\\-`;
    }
    if (to < from) throw new PatternError(`range out of order in a character class: ${from}-${to}`);
    return flags.ignoreCase && !this.#native ? bothCasesRange(from, to) : `${literal(from)}-${literal(to)}`;
  }

  #one(char: string, flags: PcreFlags): string {
    return flags.ignoreCase && !this.#native ? bothCases(char) : literal(char);
  }

  /** One character, or a marker and the inside of a set (`\d`). */
  #classCharacter(): string {
    const char = this.#text[this.#at] as string;
    this.#at += 1;
    if (char !== '\\') return char;
    const escaped = this.#text[this.#at];
    if (escaped === undefined) throw new PatternError('\\ at end of pattern');
    this.#at += 1;
    const inside = shorthandClass(escaped);
    if (inside !== undefined) return `\0${inside}`;
    if (escaped === 'b') return '\b';
    if (escaped === 'Q' || escaped === 'E')
      throw new PatternError('\\Q in a character class is not supported', true);
    if (/[1-7]/.test(escaped)) {
      this.#at -= 1;
      return this.#code(/^([0-7]{1,3})/, 8);
    }
    return this.#character(escaped);
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
