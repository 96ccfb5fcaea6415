import { otherCases } from './case-folding.ts';
import { PatternError } from './pattern-error.ts';

/** A set of code points: first and last of each range, in order, without overlap. */
export type CharSet = readonly number[];

const lastCodePoint = 0x10ffff;

export const anyCharacter: CharSet = [0, lastCodePoint];
export const anyButLineFeed: CharSet = [0, 9, 11, lastCodePoint];

export function union(...sets: readonly CharSet[]): CharSet {
  const ranges: [number, number][] = [];
  for (const set of sets)
    for (let at = 0; at < set.length; at += 2) ranges.push([set[at] as number, set[at + 1] as number]);
  ranges.sort((a, b) => a[0] - b[0]);
  const joined: number[] = [];
  for (const [first, last] of ranges) {
    const before = joined.length - 1;
    if (before > 0 && first <= (joined[before] as number) + 1)
      joined[before] = Math.max(joined[before] as number, last);
    else joined.push(first, last);
  }
  return joined;
}

export function complement(set: CharSet): CharSet {
  const rest: number[] = [];
  let next = 0;
  for (let at = 0; at < set.length; at += 2) {
    const first = set[at] as number;
    if (first > next) rest.push(next, first - 1);
    next = (set[at + 1] as number) + 1;
  }
  if (next <= lastCodePoint) rest.push(next, lastCodePoint);
  return rest;
}

const ascii: readonly CharSet[] = Array.from({ length: 128 }, (_, code) => [code, code]);

/** One character; with `ignoreCase` those that differ from it only in case, too. */
export function single(code: number, ignoreCase: boolean): CharSet {
  return ignoreCase ? range(code, code, true) : (ascii[code] ?? [code, code]);
}

/** The characters of a range; with `ignoreCase` those that differ from one of them only in case, too. */
export function range(first: number, last: number, ignoreCase: boolean): CharSet {
  return ignoreCase
    ? union([first, last], ...otherCases(first, last).map((code) => [code, code]))
    : [first, last];
}

/** PCRE without UCP knows ASCII only. */
const shorthands: Readonly<Record<string, CharSet>> = {
  d: of('09'),
  w: of('09', 'AZ', '__', 'az'),
  s: [9, 13, 32, 32],
  h: [
    9, 9, 32, 32, 0xa0, 0xa0, 0x1680, 0x1680, 0x180e, 0x180e, 0x2000, 0x200a, 0x202f, 0x202f, 0x205f, 0x205f,
  ].concat([0x3000, 0x3000]),
  v: [10, 13, 0x85, 0x85, 0x2028, 0x2029],
};

const posix: Readonly<Record<string, CharSet>> = {
  alnum: of('09', 'AZ', 'az'),
  alpha: of('AZ', 'az'),
  ascii: [0, 127],
  blank: [9, 9, 32, 32],
  cntrl: [0, 31, 127, 127],
  digit: of('09'),
  graph: of('!~'),
  lower: of('az'),
  print: of(' ~'),
  punct: of('!/', ':@', '[`', '{~'),
  space: [9, 13, 32, 32],
  upper: of('AZ'),
  word: of('09', 'AZ', '__', 'az'),
  xdigit: of('09', 'AF', 'af'),
};

function of(...ranges: readonly string[]): number[] {
  return ranges.flatMap((each) => [each.charCodeAt(0), each.charCodeAt(1)]);
}

/** The set of `\d`, `\S` and the like; undefined for another letter. `\N` is not in here: no class may hold it. */
export function shorthand(letter: string): CharSet | undefined {
  const set = shorthands[letter.toLowerCase()];
  return set && letter !== letter.toLowerCase() ? complement(set) : set;
}

/** The set of `[:name:]` or `[:^name:]`. Without regard to case, lower and upper are all letters. */
export function posixClass(name: string, ignoreCase: boolean): CharSet {
  const negated = name.startsWith('^');
  const plain = name.slice(negated ? 1 : 0);
  const set = posix[ignoreCase && (plain === 'lower' || plain === 'upper') ? 'alpha' : plain];
  if (!set) throw new PatternError(`unknown POSIX class [:${name}:]`);
  return negated ? complement(set) : set;
}

const properties = new Map<string, CharSet>();

/**
 * The set of a general category of Unicode (`L`, `Lu`, `L&`, `Any`). Refused are scripts, which PCRE2 10.40 gave another meaning
 * (script extensions), and characters that are not assigned, which each version of Unicode has others of.
 */
export function property(name: string): CharSet {
  if (name === 'Any') return anyCharacter;
  if (!/^(?:C[cfo]|L[lmotu&]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/.test(name))
    throw new PatternError(`the property \\p{${name}} is not supported`, true);
  let set = properties.get(name);
  if (!set) {
    set = scan(new RegExp(name === 'L&' ? '\\p{LC}+' : `\\p{${name}}+`, 'gu'));
    properties.set(name, set);
  }
  return set;
}

function scan(form: RegExp): CharSet {
  const found: CharSet[] = [];
  const size = 0x1000;
  for (let first = 0; first <= lastCodePoint; first += size) {
    const codes = Array.from({ length: size }, (_, at) => first + at).filter(
      (code) => code < 0xd800 || code > 0xdfff,
    );
    for (const [run] of String.fromCodePoint(...codes).matchAll(form)) {
      const characters = [...run];
      found.push([run.codePointAt(0) as number, (characters.at(-1) as string).codePointAt(0) as number]);
    }
  }
  return union(...found);
}

export function contains(set: CharSet, code: number): boolean {
  let low = 0;
  let high = set.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < (set[2 * middle] as number)) high = middle - 1;
    else if (code > (set[2 * middle + 1] as number)) low = middle + 1;
    else return true;
  }
  return false;
}
