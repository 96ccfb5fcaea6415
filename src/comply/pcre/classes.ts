import { PatternError } from './syntax.ts';

/**
 * PCRE without UCP knows ASCII only, JavaScript's `\s` and friends know Unicode; so each is written out. The values are
 * the inside of a class.
 */
const shorthand: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  s: '\\t-\\r ',
  h: '\\t \\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000',
  v: '\\n-\\r\\u0085\\u2028\\u2029',
};

/** The complements of the shorthands, for `[\S...]`. */
const complements: Readonly<Record<string, string>> = {
  D: '\\0-/:-\\uffff',
  W: '\\0-/:-@\\[-\\^`{-\\uffff',
  S: '\\0-\\x08\\x0e-\\x1f!-\\uffff',
  H: '\\0-\\x08\\n-\\x1f!-\\u009f\\u00a1-\\u167f\\u1681-\\u180d\\u180f-\\u1fff\\u200b-\\u202e\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\uffff',
  V: '\\0-\\t\\x0e-\\u0084\\u0086-\\u2027\\u202a-\\uffff',
  N: '\\0-\\t\\v-\\uffff',
};

const posix: Readonly<Record<string, [string, string]>> = {
  alnum: ['0-9A-Za-z', '\\0-/:-@\\[-`{-\\uffff'],
  alpha: ['A-Za-z', '\\0-@\\[-`{-\\uffff'],
  ascii: ['\\0-\\x7f', '\\x80-\\uffff'],
  blank: ['\\t ', '\\0-\\x08\\n-\\x1f!-\\uffff'],
  cntrl: ['\\0-\\x1f\\x7f', ' -~\\x80-\\uffff'],
  digit: ['0-9', '\\0-/:-\\uffff'],
  graph: ['!-~', '\\0- \\x7f-\\uffff'],
  lower: ['a-z', '\\0-`{-\\uffff'],
  print: [' -~', '\\0-\\x1f\\x7f-\\uffff'],
  punct: ['!-\\/:-@\\[-`{-~', '\\0- 0-9A-Za-z\\x7f-\\uffff'],
  space: ['\\t-\\r ', '\\0-\\x08\\x0e-\\x1f!-\\uffff'],
  upper: ['A-Z', '\\0-@\\[-\\uffff'],
  word: ['0-9A-Za-z_', '\\0-/:-@\\[-\\^`{-\\uffff'],
  xdigit: ['0-9A-Fa-f', '\\0-/:-@G-`g-\\uffff'],
};

/** The inside of a JavaScript class for `\d`, `\S` and the like; undefined for another letter. */
export function shorthandClass(letter: string): string | undefined {
  return shorthand[letter] ?? complements[letter];
}

/** The inside of a JavaScript class for `[:name:]` or `[:^name:]`. */
export function posixClass(name: string): string {
  const inverted = name.startsWith('^');
  const pair = posix[inverted ? name.slice(1) : name];
  if (!pair) throw new PatternError(`unknown POSIX class [:${name}:]`);
  return inverted ? pair[1] : pair[0];
}

/** One character as JavaScript source, safe inside and outside a class. */
export function literal(char: string): string {
  const code = char.charCodeAt(0);
  if (/[0-9A-Za-z_ !"#%&',:;<=>@`~]/.test(char)) return char;
  if (code < 0x20 || code > 0x7e) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\${char}`;
}

/** The letter in both cases, as the inside of a class. */
export function bothCases(char: string): string {
  const lower = char.toLowerCase();
  const upper = char.toUpperCase();
  return lower.length === 1 && upper.length === 1 && lower !== upper
    ? literal(lower) + literal(upper)
    : literal(char);
}

/** A range in both cases, as the inside of a class. */
export function bothCasesRange(from: string, to: string): string {
  const parts = [`${literal(from)}-${literal(to)}`];
  for (const [low, high, shift] of [
    ['A', 'Z', 32],
    ['a', 'z', -32],
  ] as const) {
    const start = from > low ? from : low;
    const end = to < high ? to : high;
    if (start <= end) parts.push(`${shifted(start, shift)}-${shifted(end, shift)}`);
  }
  return parts.join('');
}

function shifted(char: string, by: number): string {
  return String.fromCharCode(char.charCodeAt(0) + by);
}
