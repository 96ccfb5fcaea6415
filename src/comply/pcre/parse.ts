import { anyButLineFeed, anyCharacter, shorthand, single } from './char-set.ts';
import { countRanges, posixForm, readClass, readProperty } from './character-class.ts';
import { type Cursor, readCode, readEscaped, take, takeCharacter, takes } from './characters.ts';
import { PatternError } from './pattern-error.ts';
import type { Anchor, ConditionTest, Look, Node, PcreFlags } from './syntax.ts';

/** A parsed pattern: its tree, and how many capturing groups it has. */
export interface ParsedPattern {
  root: Node;
  groups: number;
}

/** Longer patterns are refused; SSG's longest has 900 characters, generated lists a few thousand. */
export const maxPatternLength = 65_536;
const maxNesting = 100;
/** PCRE's own limit of a repeat count. */
const maxRepeat = 65_535;
/** Longer names are refused by PCRE2 before 10.44. */
const maxName = 32;

/** Parses a PCRE pattern. Throws PatternError, also for what versions of PCRE2 read in different ways. */
export function parsePcre(pattern: string, flags: PcreFlags): ParsedPattern {
  if (pattern.length > maxPatternLength)
    throw new PatternError(`pattern longer than ${maxPatternLength} characters`);
  // None of these changes what matches: oscap's texts are UTF-8, and their lines end with \n.
  const leading = /^(?:\(\*(?:UTF|LF|NO_AUTO_POSSESS|NO_DOTSTAR_ANCHOR|NO_JIT|NO_START_OPT)\))*/.exec(
    pattern,
  );
  const parser = new Parser(pattern, leading?.[0].length ?? 0);
  const root = parser.whole(flags);
  return { root, groups: parser.groups };
}

/** The options at one place of a pattern. */
interface Options extends PcreFlags {
  /** (?xx): spaces in classes are nothing. */
  extendedMore: boolean;
  /** (?n): only groups with names capture. */
  noCapture: boolean;
  /** (?U): quantifiers are lazy, and greedy with a question mark. */
  ungreedy: boolean;
}

const escapedAnchors: Readonly<Record<string, Anchor>> = {
  A: 'start',
  G: 'from',
  Z: 'end',
  z: 'veryEnd',
  b: 'boundary',
  B: 'noBoundary',
};

/** `\R` */
export const lineEnds: Node = {
  kind: 'atomic',
  body: {
    kind: 'alternatives',
    branches: [
      { kind: 'sequence', items: [13, 10].map((code) => ({ kind: 'set', set: [code, code] })) },
      { kind: 'set', set: shorthand('v') as number[] },
    ],
  },
};

/** `.` without (?s), `\N` */
const anyInLine: Node = { kind: 'set', set: anyButLineFeed, type: '.' };

/** A name of a group, or its number, which may be relative to the place. */
const name = '([A-Za-z_]\\w*)';
const named = new RegExp(`P?<${name}>|'${name}'`, 'y');
const namedReference = new RegExp(`<${name}>|'${name}'|\\{${name}\\}`, 'y');
const reference = new RegExp(`([+-]?\\d+)|\\{(?:([+-]?\\d+)|${name})\\}`, 'y');
const call = new RegExp(`(?:([+-]?\\d+)|R|&${name}|P>${name})\\)`, 'y');
const escapedCall = new RegExp(`(?:<(?:([+-]?\\d+)|${name})>|'(?:([+-]?\\d+)|${name})')`, 'y');
const pythonReference = new RegExp(`P=${name}\\)`, 'y');
const condition = new RegExp(`(?:([+-]?\\d+)|<${name}>|'${name}'|R(\\d+)|R&${name}|${name})\\)`, 'y');

class Parser {
  groups = 0;
  readonly #names = new Map<string, number>();
  readonly #cursor: Cursor;
  readonly #references: (number | string)[] = [];
  #depth = 0;
  #looks = 0;
  #keeps = false;
  #calls = false;

  constructor(text: string, at: number) {
    this.#cursor = { text, at, ranges: 0 };
  }

  whole(flags: PcreFlags): Node {
    const node = this.#alternatives({ ...flags, extendedMore: false, noCapture: false, ungreedy: false });
    if (this.#char !== undefined) throw new PatternError(`unmatched ) at ${this.#cursor.at}`);
    if (this.#keeps && this.#calls)
      throw new PatternError('\\K beside calls of groups is not supported', true);
    for (const group of this.#references) this.#numberOf(group);
    return withNumbers(node, (group) => this.#numberOf(group));
  }

  /** The character that is read next; undefined at the end. */
  get #char(): string | undefined {
    return this.#cursor.text[this.#cursor.at];
  }

  #take(form: RegExp): RegExpExecArray | undefined {
    return take(this.#cursor, form);
  }

  #takes(text: string): boolean {
    return takes(this.#cursor, text);
  }

  #numberOf(group: number | string): number {
    const number = typeof group === 'string' ? this.#names.get(group) : group;
    if (number === undefined || number < 0 || number > this.groups)
      throw new PatternError(`reference to a group that does not exist: ${group}`);
    return number;
  }

  /** Up to `)` or the end. Options set inside hold to the end of the group, across its alternatives. */
  #alternatives(options: Options, reset = false): Node {
    this.#depth += 1;
    if (this.#depth > maxNesting) throw new PatternError(`groups nested deeper than ${maxNesting}`, true);
    const branches: Node[] = [];
    const first = this.groups;
    let highest = first;
    do {
      if (reset) this.groups = first;
      branches.push(this.#sequence(options));
      highest = Math.max(highest, this.groups);
    } while (this.#takes('|'));
    if (reset) this.groups = highest;
    this.#depth -= 1;
    return branches.length === 1 ? (branches[0] as Node) : { kind: 'alternatives', branches };
  }

  #sequence(options: Options): Node {
    const items: Node[] = [];
    for (;;) {
      this.#skip(options);
      const char = this.#char;
      if (char === undefined || char === '|' || char === ')') break;
      if (char === '\\' && this.#take(quoteStart)) this.#quoted(options, items);
      else {
        const part = this.#part(options);
        if (part) items.push(part);
      }
    }
    return { kind: 'sequence', items };
  }

  /** Skips what matches nothing: comments, `\E` and empty quotes, with (?x) white space too. */
  #skip({ extended }: Options): void {
    const form = extended ? nothingExtended : nothing;
    for (let char = this.#char; extended || char === '(' || char === '\\'; char = this.#char)
      if (!this.#take(form)) return;
  }

  /** One part with its quantifier; none for a change of options. */
  #part(options: Options): Node | undefined {
    const atom = this.#atom(options);
    // Not quantified: a place in the text, and what ends a match.
    if (atom?.kind === 'anchor' || atom?.kind === 'keep' || atom?.kind === 'fail')
      return this.#alone(atom, options);
    return atom && this.#quantified(atom, options);
  }

  /** The letters up to `\E` or the end; a quantifier behind them is of the last one. */
  #quoted(options: Options, items: Node[]): void {
    const text = this.#take(quote)?.[1] ?? '';
    const letters = [...text].map((char) => this.#letter(char.codePointAt(0) as number, options));
    const last = letters.pop();
    items.push(...letters);
    if (last) items.push(this.#quantified(last, options));
  }

  #atom(options: Options): Node | undefined {
    const char = takeCharacter(this.#cursor);
    switch (String.fromCodePoint(char)) {
      case '(':
        return this.#group(options);
      case '[':
        this.#cursor.at -= 1;
        if (this.#take(posixForm)) throw new PatternError('a POSIX class stands outside a class');
        this.#cursor.at += 1;
        return {
          kind: 'set',
          set: readClass(this.#cursor, options.ignoreCase, options.extendedMore),
        };
      case '\\':
        return this.#escape(options);
      case '.':
        return options.dotAll ? { kind: 'set', set: anyCharacter } : { ...anyInLine };
      case '^':
        return { kind: 'anchor', at: options.multiline ? 'lineStart' : 'start' };
      case '$':
        return { kind: 'anchor', at: options.multiline ? 'lineEnd' : 'end' };
      case '*':
      case '+':
      case '?':
        throw new PatternError(`the quantifier at ${this.#cursor.at - 1} does not follow a repeatable item`);
      case '{':
        this.#cursor.at -= 1;
        if (this.#quantifier())
          throw new PatternError(`the quantifier at ${this.#cursor.at} does not follow a repeatable item`);
        this.#cursor.at += 1;
    }
    return this.#letter(char, options);
  }

  #letter(code: number, { ignoreCase }: Options): Node {
    return { kind: 'set', set: single(code, ignoreCase) };
  }

  #alone(node: Node, options: Options): Node {
    this.#skip(options);
    if (this.#quantifier()) throw new PatternError('a quantifier follows a place, which cannot be repeated');
    return node;
  }

  #quantified(atom: Node, options: Options): Node {
    this.#skip(options);
    const quantifier = this.#quantifier();
    if (!quantifier) return atom;
    if (/^\{,|[ \t]/.test(quantifier[0]))
      throw new PatternError(`${quantifier[0]} is a quantifier since PCRE2 10.43, and text before`, true);
    const [min, max] = rangeOf(quantifier[0]);
    this.#skip(options);
    const mode = this.#takes('+') ? '+' : this.#takes('?') === options.ungreedy ? '' : '?';
    this.#skip(options);
    if (this.#quantifier()) throw new PatternError('a quantifier follows another one');
    // Asked again, an assertion without references says the same.
    if (atom.kind === 'look' && max > 1 && hasReferences(atom.body))
      throw new PatternError(
        'an assertion with references is repeated since PCRE2 10.35, asked once before',
        true,
      );
    if (atom.kind === 'look')
      return { kind: 'repeat', body: atom, min: Math.min(min, 1), max: Math.min(max, 1), mode };
    return { kind: 'repeat', body: atom, min, max, mode };
  }

  #quantifier(): RegExpExecArray | undefined {
    const char = this.#char;
    return char === '*' || char === '+' || char === '?' || char === '{'
      ? this.#take(quantifierForm)
      : undefined;
  }

  #group(options: Options): Node | undefined {
    if (this.#takes('*F)') || this.#takes('*FAIL)')) return { kind: 'fail' };
    if (this.#takes('*')) throw new PatternError('verbs are not supported', true);
    if (!this.#takes('?'))
      return options.noCapture ? this.#enclosed('plain', options) : this.#capture(options);
    if (this.#takes(':')) return this.#enclosed('plain', options);
    if (this.#takes('|')) return this.#enclosed('plain', options, true);
    if (this.#takes('>')) return this.#enclosed('atomic', options);
    const look = this.#look(options);
    if (look) return look;
    const title = this.#take(named);
    if (title) return this.#capture(options, title[1] ?? title[2]);
    const back = this.#take(pythonReference);
    if (back) return this.#reference(back[1] as string, options);
    const called = this.#take(call);
    if (called) return this.#call(called[1], called[2] ?? called[3]);
    if (this.#takes('(')) return this.#condition(options);
    return this.#inline(options);
  }

  #enclosed(kind: 'plain' | 'atomic', options: Options, reset = false): Node {
    const body = this.#alternatives({ ...options }, reset);
    this.#close();
    return { kind, body };
  }

  #capture(options: Options, title?: string): Node {
    this.groups += 1;
    const number = this.groups;
    if (title !== undefined) this.#name(title, number);
    const body = this.#alternatives({ ...options });
    this.#close();
    return { kind: 'capture', number, body };
  }

  #name(title: string, number: number): void {
    if (title.length > maxName) throw new PatternError(`the name of a group is longer than ${maxName}`, true);
    const other = this.#names.get(title);
    if (other !== undefined && other !== number) throw new PatternError(`two groups are named ${title}`);
    for (const [known, its] of this.#names)
      if (its === number && known !== title) throw new PatternError('a group has two names');
    this.#names.set(title, number);
  }

  #look(options: Options): Look | undefined {
    const form = this.#take(lookStart)?.[0];
    if (form === undefined) return undefined;
    this.#looks += 1;
    const body = this.#alternatives({ ...options });
    this.#looks -= 1;
    this.#close();
    const behind = form.startsWith('<');
    if (behind && branchesOf(body).some((branch) => lengthOf(branch) > maxBehind))
      throw new PatternError(`a lookbehind of more than ${maxBehind} characters`);
    return { kind: 'look', behind, negated: form.endsWith('!'), body };
  }

  #condition(options: Options): Node {
    const test = this.#test(options);
    const body = this.#alternatives({ ...options });
    this.#close();
    const [yes, no, more] = branchesOf(body);
    if (more || (no && test.kind === 'never')) throw new PatternError('a condition has too many branches');
    return { kind: 'condition', test, yes: yes as Node, no: no ?? { kind: 'sequence', items: [] } };
  }

  #test(options: Options): ConditionTest {
    if (this.#takes('?')) {
      const look = this.#look(options);
      if (look) return look;
      throw new PatternError('a condition of this form is not supported', true);
    }
    if (this.#takes('DEFINE)')) return { kind: 'never' };
    if (this.#takes('R)')) return { kind: 'called', group: 0 };
    const match = this.#take(condition);
    if (!match) throw new PatternError('a condition of this form is not supported', true);
    const [, number, angled, quoted, calledNumber, calledName, bare] = match;
    if (calledNumber !== undefined || calledName !== undefined) {
      const group = calledName ?? Number(calledNumber);
      if (group === 0) throw new PatternError('a condition of this form is not supported', true);
      this.#references.push(group);
      return { kind: 'called', group };
    }
    const group = this.#relative(number, angled ?? quoted ?? bare);
    // Versions of PCRE2 do not agree on names that also say that a group was called.
    if (bare?.startsWith('R')) throw new PatternError('a condition of this form is not supported', true);
    if (group === 0) throw new PatternError('a condition on group 0');
    this.#references.push(group);
    return { kind: 'group', group };
  }

  #relative(number: string | undefined, title: string | undefined): number | string {
    if (number === undefined) return title as string;
    const value = Number(number);
    if (!/^[+-]/.test(number)) return value;
    const group = this.groups + value + (value < 0 ? 1 : 0);
    if (value === 0 || group < 1)
      throw new PatternError(`reference to a group that does not exist: ${number}`);
    return group;
  }

  #reference(group: number | string, { ignoreCase }: Options): Node {
    if (group === 0) throw new PatternError('reference to group 0');
    this.#references.push(group);
    return { kind: 'backreference', group, ignoreCase };
  }

  #call(number: string | undefined, title: string | undefined): Node {
    const group = number === undefined && title === undefined ? 0 : this.#relative(number, title);
    this.#references.push(group);
    this.#calls = true;
    return { kind: 'call', group };
  }

  /** `(?i)`, `(?i-s:...)`, `(?^x)`. */
  #inline(options: Options): Node | undefined {
    const match = this.#take(inlineOptions);
    if (!match || (match[1] && match[3]) || /xxx|x[^-]+x/.test(match[0]))
      throw new PatternError(
        `the construct (?${this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 4)} is not supported`,
        true,
      );
    const [, reset, on = '', off = '', end] = match;
    const scope = end === ')' ? options : { ...options };
    if (reset) Object.assign(scope, { ignoreCase: false, multiline: false, dotAll: false, noCapture: false });
    if (reset || /x/.test(on + off)) Object.assign(scope, { extended: false, extendedMore: false });
    setOptions(scope, on, true);
    setOptions(scope, off.slice(1), false);
    if (end === ')') return undefined;
    const body = this.#alternatives(scope);
    this.#close();
    return { kind: 'plain', body };
  }

  #close(): void {
    if (!this.#takes(')')) throw new PatternError('missing )');
  }

  #escape(options: Options): Node {
    if (this.#char === undefined) throw new PatternError('\\ at end of pattern');
    const escaped = takeCharacter(this.#cursor);
    const char = String.fromCodePoint(escaped);
    const set = shorthand(char);
    if (set) return { kind: 'set', set: countRanges(this.#cursor, set), type: char };
    const anchor = escapedAnchors[char];
    if (anchor) return { kind: 'anchor', at: anchor };
    switch (char) {
      case 'N':
        if (this.#takes('{')) throw new PatternError('\\N{...} is not supported', true);
        return { ...anyInLine };
      case 'R':
        return lineEnds;
      case 'K':
        if (this.#looks > 0) throw new PatternError('\\K in an assertion');
        this.#keeps = true;
        return { kind: 'keep' };
      case 'X':
      case 'C':
        throw new PatternError(`the escape \\${char} is not supported`, true);
      case 'p':
      case 'P':
        return {
          kind: 'set',
          set: countRanges(this.#cursor, readProperty(this.#cursor, char, options.ignoreCase)),
        };
      case 'k': {
        const match = this.#take(namedReference);
        if (!match) throw new PatternError('\\k without a group name');
        return this.#reference(match[1] ?? match[2] ?? (match[3] as string), options);
      }
      case 'g':
        return this.#numberedReference(options);
    }
    if (/[1-9]/.test(char)) return this.#digits(options);
    return this.#letter(readEscaped(this.#cursor, escaped), options);
  }

  #numberedReference(options: Options): Node {
    const called = this.#take(escapedCall);
    if (called) return this.#call(called[1] ?? called[3], called[2] ?? called[4]);
    const match = this.#take(reference);
    if (!match) throw new PatternError('\\g without a group');
    return this.#reference(this.#relative(match[1] ?? match[2], match[3]), options);
  }

  /** `\N` is a back reference below 10 or where so many groups stand before it, else an octal code. */
  #digits(options: Options): Node {
    this.#cursor.at -= 1;
    const start = this.#cursor.at;
    const number = Number(this.#take(/\d+/y)?.[0]);
    if (number < 10 || number <= this.groups) return this.#reference(number, options);
    this.#cursor.at = start;
    return this.#letter(readCode(this.#cursor, /([0-7]{1,3})/y, 8), options);
  }
}

/** Syntax that matches nothing, without and with (?x). */
const nothing = /\(\?#[^)]*\)|\\Q\\E|\\E/y;
const nothingExtended = /\(\?#[^)]*\)|\\Q\\E|\\E|[\t-\r \u0085\u200e\u200f\u2028\u2029]+|#[^\n]*\n?/y;
const quoteStart = /\\Q/y;
const quote = /((?:(?!\\E)[\s\S])*)(?:\\E|$)/y;
const lookStart = /<?[=!]/y;
const inlineOptions = /(\^?)([imsxnU]*)(-[imsxnU]*)?([:)])/y;
const quantifierForm = /[*+?]|\{[ \t]*\d+[ \t]*(?:,[ \t]*\d*[ \t]*)?\}|\{[ \t]*,[ \t]*\d+[ \t]*\}/y;

function rangeOf(quantifier: string): [min: number, max: number] {
  if (quantifier === '*') return [0, Number.POSITIVE_INFINITY];
  if (quantifier === '+') return [1, Number.POSITIVE_INFINITY];
  if (quantifier === '?') return [0, 1];
  const [least = '', most = least] = quantifier.slice(1, -1).split(',');
  const min = Number(least);
  const max = most === '' ? Number.POSITIVE_INFINITY : Number(most);
  if (min > maxRepeat || (max > maxRepeat && most !== ''))
    throw new PatternError(`repeat count above ${maxRepeat}`);
  if (max < min) throw new PatternError(`repeat range out of order: ${quantifier}`);
  return [min, max];
}

function setOptions(options: Options, letters: string, value: boolean): void {
  for (const letter of letters) {
    if (letter === 'i') options.ignoreCase = value;
    else if (letter === 'm') options.multiline = value;
    else if (letter === 's') options.dotAll = value;
    else if (letter === 'n') options.noCapture = value;
    else if (letter === 'U') options.ungreedy = value;
    else options.extended = value;
  }
  if (value && letters.includes('xx')) options.extendedMore = true;
}

/** PCRE2's own limit, in characters. */
const maxBehind = 65_535;

export function branchesOf(node: Node): readonly Node[] {
  return node.kind === 'alternatives' ? node.branches : [node];
}

/** The number of characters that a branch of a lookbehind takes. Versions of PCRE2 differ in what else they allow. */
export function lengthOf(node: Node): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'anchor':
    case 'look':
    case 'fail':
      return 0;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + lengthOf(item), 0);
    case 'alternatives': {
      const lengths = new Set(node.branches.map(lengthOf));
      if (lengths.size === 1) return lengthOf(node.branches[0] as Node);
      break;
    }
    case 'repeat':
      if (node.min === node.max && node.body.kind !== 'look') return node.min * lengthOf(node.body);
      break;
    case 'capture':
    case 'plain':
    case 'atomic':
      return lengthOf(node.body);
  }
  throw new PatternError('a lookbehind whose length is not fixed is not supported', true);
}

export function childrenOf(node: Node): readonly Node[] {
  if (node.kind === 'alternatives') return node.branches;
  if (node.kind === 'sequence') return node.items;
  if (node.kind === 'condition')
    return node.test.kind === 'look' ? [node.test, node.yes, node.no] : [node.yes, node.no];
  return 'body' in node ? [node.body] : [];
}

function hasReferences(node: Node): boolean {
  return /^(?:backreference|call|condition)$/.test(node.kind) || childrenOf(node).some(hasReferences);
}

/** The tree with the numbers of groups that it names. */
function withNumbers(node: Node, numberOf: (group: number | string) => number): Node {
  for (const child of childrenOf(node)) withNumbers(child, numberOf);
  if (node.kind === 'backreference' || node.kind === 'call') node.group = numberOf(node.group);
  if (node.kind === 'condition' && (node.test.kind === 'group' || node.test.kind === 'called'))
    node.test.group = numberOf(node.test.group);
  return node;
}
