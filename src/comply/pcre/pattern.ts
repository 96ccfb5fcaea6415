import { anyButLineFeed, anyCharacter } from './char-set.ts';
import { type Growth, growthOf, leastSize } from './cost.ts';
import { after, PatternMatcher } from './matcher.ts';
import { branchesOf, parsePcre } from './parse.ts';
import { PatternError } from './pattern-error.ts';
import { possess } from './possession.ts';
import { compile, type Program } from './program.ts';
import { sameInJavaScript } from './same-in-javascript.ts';
import type { Node, PcreFlags } from './syntax.ts';
import { classOf, translate } from './translate.ts';

/** One match: its text and the groups that took part, in PCRE's numbering; a group that did not is left out. */
export interface PatternMatch {
  /** Where it begins. */
  index: number;
  text: string;
  groups: string[];
}

/** A PCRE pattern ready to use. Matching throws PatternError where it reaches a limit. */
export interface Pattern {
  test(text: string): boolean;
  /** Matches from left to right, without overlap. */
  all(text: string): Generator<PatternMatch>;
  first(text: string): PatternMatch | undefined;
  /** The most steps that a test of a text of this length may take. */
  steps(length: number): number;
}

/** Maximum size of a pattern compiled by PCRE2, with links of two bytes as distributions build it. */
const maxSize = 65_536;

/** Number of compiled patterns that are kept; a benchmark has about 1,500. */
const cacheSize = 10_000;
const cache = new Map<string, Pattern | PatternError>();

/** The pattern, compiled once. Throws PatternError. Matching time is bounded by the caller (deadline.ts). */
export function compilePattern(pattern: string, flags: Partial<PcreFlags> = {}): Pattern {
  const key = `${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}${flags.dotAll ? 's' : ''}:${pattern}`;
  let compiled = cache.get(key);
  if (!compiled) {
    compiled = tryCompile(pattern, flags);
    if (cache.size >= cacheSize) cache.clear();
    cache.set(key, compiled);
  }
  if (compiled instanceof PatternError) throw compiled;
  return compiled;
}

function tryCompile(pattern: string, flags: Partial<PcreFlags>): Pattern | PatternError {
  try {
    return new CompiledPattern(pattern, {
      ignoreCase: false,
      multiline: false,
      dotAll: false,
      extended: false,
      ...flags,
    });
  } catch (error) {
    return error instanceof PatternError ? error : new PatternError((error as Error).message);
  }
}

class CompiledPattern implements Pattern {
  readonly #pattern: string;
  readonly #flags: PcreFlags;
  readonly #growth: Growth;
  readonly #start: Start;
  /** Undefined: JavaScript would not match alike. */
  readonly #regexp: RegExp | undefined;
  readonly #holders: readonly number[][] = [];
  readonly #doubtful: RegExp | undefined;
  #program: Program | undefined;

  constructor(pattern: string, flags: PcreFlags) {
    this.#pattern = pattern;
    this.#flags = flags;
    const parsed = parsePcre(pattern, flags);
    const doubts = possess(parsed.root);
    if (leastSize(parsed.root) > maxSize)
      throw new PatternError('the pattern is larger than PCRE2 can compile');
    this.#growth = growthOf(parsed.root);
    if (doubts.length > 0) this.#doubtful = new RegExp(classOf(doubts));
    this.#start = startOf(parsed.root);
    if (sameInJavaScript(parsed.root)) {
      const { source, groups } = translate(parsed.root, parsed.groups);
      this.#regexp = new RegExp(source, this.#start === 'anywhere' ? 'g' : 'y');
      this.#holders = groups;
    } else this.#program = compile(parsed);
  }

  test(text: string): boolean {
    return this.first(text) !== undefined;
  }

  first(text: string): PatternMatch | undefined {
    this.#requireSure(text);
    return this.#find(text, 0);
  }

  steps(length: number): number {
    if (!this.#regexp) return Number.POSITIVE_INFINITY;
    const { degree, doublings } = this.#growth;
    return 2 ** doublings * (length + 1) ** (degree + (this.#start === 'here' ? 0 : 1));
  }

  *all(text: string): Generator<PatternMatch> {
    this.#requireSure(text);
    let from = 0;
    while (from <= text.length) {
      const match = this.#find(text, from);
      if (!match) return;
      yield match;
      const end = match.index + match.text.length;
      from = match.text === '' ? after(text, end) : end;
      if (from >= text.length) return;
    }
  }

  #requireSure(text: string): void {
    if (this.#doubtful?.test(text))
      throw new PatternError(
        'types of characters in an order that PCRE2 matches otherwise on this text',
        true,
      );
  }

  /** JavaScript's own matching is the fast way. It takes half a character for one, so texts with such halves go the other. */
  #find(text: string, from: number): PatternMatch | undefined {
    const regexp = this.#regexp;
    if (!regexp || hasHalves(text)) return this.#backtrack(text, from);
    regexp.lastIndex = from;
    let match = regexp.exec(text);
    if (this.#start === 'line') {
      for (let at = from; !match; match = regexp.exec(text)) {
        at = text.indexOf('\n', at) + 1;
        if (at === 0) return undefined;
        regexp.lastIndex = at;
      }
    }
    if (!match) return undefined;
    const groups: string[] = [];
    for (const numbers of this.#holders) {
      for (const number of numbers) {
        const held = match[number];
        if (held !== undefined) groups.push(held);
      }
    }
    return { index: match.index, text: match[0], groups };
  }

  #backtrack(text: string, from: number): PatternMatch | undefined {
    // Most patterns never get here, so their trees are not kept.
    if (!this.#program) {
      const parsed = parsePcre(this.#pattern, this.#flags);
      possess(parsed.root);
      this.#program = compile(parsed);
    }
    const matcher = new PatternMatcher(this.#program, text, from);
    for (let at = from; at <= text.length; at = after(text, at)) {
      const places = matcher.matchAt(at);
      if (places) return matchOf(text, places);
      if (this.#start === 'here') return undefined;
      if (this.#start === 'line') {
        const lineEnd = text.indexOf('\n', at);
        if (lineEnd === -1) return undefined;
        at = lineEnd;
      }
    }
    return undefined;
  }
}

const halves = /[\ud800-\udfff]/;
/** The text that was asked last, since many patterns search one file. */
let asked = '';
let askedHasHalves = false;

function hasHalves(text: string): boolean {
  if (asked !== text) {
    asked = text;
    askedHasHalves = halves.test(text);
  }
  return askedHasHalves;
}

function matchOf(text: string, [start = 0, end = 0, ...rest]: readonly number[]): PatternMatch {
  const groups: string[] = [];
  for (let at = 0; at < rest.length; at += 2)
    if ((rest[at + 1] as number) >= 0) groups.push(text.slice(rest[at], rest[at + 1]));
  return { index: start, text: text.slice(start, end), groups };
}

/** Where a match can start, as PCRE itself finds out: only here, only at the start of a line, or anywhere. */
type Start = 'here' | 'line' | 'anywhere';

/**
 * A pattern that begins with `.*` matches from the first place where it matches at all, so later places need not be tried
 * (PCRE's implicit anchoring); without (?s) that holds line by line. A leading `^` says the same of itself.
 */
function startOf(node: Node): Start {
  switch (node.kind) {
    case 'sequence':
      return node.items[0] ? startOf(node.items[0]) : 'anywhere';
    case 'alternatives':
      return common(branchesOf(node).map(startOf));
    case 'plain':
      return startOf(node.body);
    case 'anchor':
      if (node.at === 'start' || node.at === 'from') return 'here';
      return node.at === 'lineStart' ? 'line' : 'anywhere';
    case 'repeat':
      if (node.min > 0 || node.max < Number.POSITIVE_INFINITY || node.mode !== '' || node.body.kind !== 'set')
        return 'anywhere';
      if (node.body.set === anyCharacter) return 'here';
      return node.body.set === anyButLineFeed ? 'line' : 'anywhere';
    default:
      return 'anywhere';
  }
}

function common(starts: readonly Start[]): Start {
  if (starts.includes('anywhere')) return 'anywhere';
  return starts.includes('line') ? 'line' : 'here';
}
