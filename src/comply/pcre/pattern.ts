import { PatternError, type PcreFlags } from './syntax.ts';
import { type TranslatedPattern, translatePcre } from './translate.ts';

/** One match: its text and the groups that took part, in PCRE's numbering; a group that did not is left out. */
export interface PatternMatch {
  /** Where it begins. */
  index: number;
  text: string;
  groups: string[];
}

/** A PCRE pattern ready to use. */
export interface Pattern {
  test(text: string): boolean;
  /** Matches from left to right, without overlap. */
  all(text: string): Generator<PatternMatch>;
  first(text: string): PatternMatch | undefined;
  /** The most steps that a test of a text of this length may take. */
  steps(length: number): number;
}

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
    const translated = translatePcre(pattern, flags);
    return new JavaScriptPattern(translated);
  } catch (error) {
    return error instanceof PatternError ? error : new PatternError((error as Error).message);
  }
}

class JavaScriptPattern implements Pattern {
  readonly #regexp: RegExp;
  readonly #groups: readonly number[][];
  readonly #start: TranslatedPattern['start'];
  readonly #growth: TranslatedPattern['growth'];

  constructor({ source, flags, groups, start, growth }: TranslatedPattern) {
    this.#regexp = new RegExp(source, flags);
    this.#groups = groups;
    this.#start = start;
    this.#growth = growth;
  }

  test(text: string): boolean {
    return this.#exec(text, 0) !== null;
  }

  first(text: string): PatternMatch | undefined {
    const match = this.#exec(text, 0);
    return match ? this.#matchOf(match) : undefined;
  }

  steps(length: number): number {
    const { degree, doublings } = this.#growth;
    return 2 ** doublings * (length + 1) ** (degree + (this.#start === 'here' ? 0 : 1));
  }

  *all(text: string): Generator<PatternMatch> {
    let from = 0;
    while (from <= text.length) {
      const match = this.#exec(text, from);
      if (!match) return;
      const end = match.index + match[0].length;
      yield this.#matchOf(match);
      from = match[0] === '' ? end + 1 : end;
      if (from >= text.length) return;
    }
  }

  /** The first match from a position on. If only line starts can match, only those are tried. */
  #exec(text: string, from: number): RegExpExecArray | null {
    for (let at = from; ; ) {
      this.#regexp.lastIndex = at;
      const match = this.#regexp.exec(text);
      if (match || this.#start !== 'line') return match;
      at = text.indexOf('\n', at) + 1;
      if (at === 0) return null;
    }
  }

  #matchOf(match: RegExpExecArray): PatternMatch {
    const groups: string[] = [];
    for (const holders of this.#groups) {
      const held = holders.map((holder) => match[holder]).find((text) => text !== undefined);
      if (held !== undefined) groups.push(held);
    }
    return { index: match.index, text: match[0], groups };
  }
}
