import { compilePattern, PatternError } from '../pcre/index.ts';
import { floatOf, floatText } from '../values/simple.ts';
import { secondsOf } from '../values/time.ts';

/** The glob pattern is invalid. */
class GlobError extends Error {}

const classes: ReadonlySet<string> = new Set(
  'alnum alpha blank cntrl digit graph lower print punct space upper xdigit'.split(' '),
);

/**
 * A shell's pattern as an anchored regular expression, by the table of OVAL's glob_to_regex: `*` and `?` do not cross `/`,
 * nor take a dot that a name begins with. `noEscape`: a backslash stands for itself.
 */
function globToPattern(glob: string, noEscape: boolean): string {
  let pattern = '^';
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob[at] as string;
    const lead = at === 0 || glob[at - 1] === '/';
    if (char === '*') pattern += lead ? '(?=[^.])[^/]*' : '[^/]*';
    else if (char === '?') pattern += lead ? '[^./]' : '[^/]';
    else if (char === '[') {
      const bracket = bracketAt(glob, at, noEscape);
      pattern += bracket.pattern;
      at = bracket.end;
    } else if (char === '\\' && !noEscape && at + 1 < glob.length) {
      at += 1;
      pattern += escaped(glob[at] as string);
    } else pattern += literal(char);
  }
  return `${pattern}$`;
}

/** A closing bracket that closes nothing stands for itself. */
function literal(char: string): string {
  return char === ']' ? char : escaped(char);
}

function escaped(char: string): string {
  return /[\^$\\.[\](){}*+?|]/.test(char) ? `\\${char}` : char;
}

/** A bracket expression (POSIX, XCU 2.13.1): a closing bracket stands for itself where it comes first. */
function bracketAt(glob: string, start: number, noEscape: boolean): { pattern: string; end: number } {
  const negated = glob[start + 1] === '!' || glob[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  let pattern = negated ? '[^' : '[';
  for (let at = first; at < glob.length; at += 1) {
    const char = glob[at] as string;
    if (char === ']' && at > first) return { pattern: `${pattern}]`, end: at };
    const named = char === '[' ? /^\[([:.=])(.*?)\1\]/s.exec(glob.slice(at)) : null;
    if (named) {
      pattern += namedPart(named[1] as string, named[2] as string);
      at += named[0].length - 1;
    } else if (char === '\\' && !noEscape && at + 1 < glob.length) {
      at += 1;
      pattern += memberOf(glob[at] as string);
    } else pattern += char === '\\' ? '\\\\' : char;
  }
  throw new GlobError(`the glob ${glob} has a bracket that is not closed`);
}

/** `[:class:]` is the same in a regular expression; `[.x.]` and `[=x=]` are one character there. */
function namedPart(kind: string, name: string): string {
  if (kind === ':' && classes.has(name)) return `[:${name}:]`;
  if (kind !== ':' && [...name].length === 1) return memberOf(name);
  throw new GlobError(`[${kind}${name}${kind}] is no part of a glob`);
}

function memberOf(char: string): string {
  return /[\]\\^-]/.test(char) ? `\\${char}` : char;
}

/** A function cannot be applied to its arguments: the variable is in error. */
export class FunctionError extends Error {}

type Arguments = readonly (readonly string[])[];
type Attributes = Readonly<Record<string, string>>;

/** More combinations of values are refused. */
const maxCombinations = 100_000;

/** Applies a function of OVAL local variables to the values of its components; `now` is in seconds since the epoch. */
export function applyFunction(fn: string, args: Arguments, attributes: Attributes, now: number): string[] {
  const single = args[0] ?? [];
  switch (fn) {
    case 'concat':
      return combinations(args).map((values) => values.join(''));
    case 'arithmetic':
      return combinations(args).map((values) =>
        arithmetic(values, attributes['arithmetic_operation'] ?? 'add'),
      );
    case 'begin':
      return single.map((value) =>
        value.startsWith(attributes['character'] ?? '') ? value : attributes['character'] + value,
      );
    case 'end':
      return single.map((value) =>
        value.endsWith(attributes['character'] ?? '') ? value : value + attributes['character'],
      );
    case 'escape_regex':
      return single.map(escapePattern);
    case 'split':
      return single.flatMap((value) => split(value, attributes['delimiter'] ?? ''));
    case 'substring':
      return single.map((value) => substring(value, attributes));
    case 'regex_capture':
      return single.map((value) => capture(value, attributes['pattern'] ?? ''));
    case 'unique':
      return [...new Set(args.flat())];
    case 'count':
      return [String(args.flat().length)];
    case 'glob_to_regex':
      return single.map((value) => convertGlob(value, attributes['glob_noescape'] === 'true'));
    case 'time_difference':
      return timeDifference(args, attributes, now);
    default:
      throw new FunctionError(`the function ${fn} is not known`);
  }
}

/** Every way to take one value of each argument, the last argument changing fastest. */
function combinations(args: Arguments): string[][] {
  const total = args.reduce((product, values) => product * values.length, 1);
  if (total > maxCombinations) throw new FunctionError(`more than ${maxCombinations} combinations of values`);
  let rows: string[][] = [[]];
  for (const values of args) rows = rows.flatMap((row) => values.map((value) => [...row, value]));
  return rows;
}

/** Whole numbers stay exact; with a float among them the result is one. */
function arithmetic(values: readonly string[], operation: string): string {
  const texts = values.map((value) => value.trim());
  if (texts.every((text) => /^[+-]?\d{1,400}$/.test(text))) {
    const numbers = texts.map((text) => BigInt(text.replace(/^\+/, '')));
    return String(numbers.reduce((a, b) => (operation === 'multiply' ? a * b : a + b)));
  }
  const numbers = texts.map((text) => {
    const number = floatOf(text);
    if (number === undefined) throw new FunctionError(`arithmetic on ${values.join(', ')}`);
    return number;
  });
  return floatText(numbers.reduce((a, b) => (operation === 'multiply' ? a * b : a + b)));
}

/** Metacharacters of PCRE, as the specification of escape_regex lists them. */
function escapePattern(value: string): string {
  return value.replace(/[\^$\\.[\](){}*+?|]/g, '\\$&');
}

function split(value: string, delimiter: string): string[] {
  return delimiter === '' ? [...value] : value.split(delimiter);
}

/** Start counts from 1; a length beyond the end, or below 0, means up to the end; a start beyond the end is an error. */
function substring(value: string, attributes: Attributes): string {
  const start = Math.max(Number(attributes['substring_start'] ?? 1), 1);
  if (start > value.length) throw new FunctionError(`a substring from ${start} of "${value.slice(0, 40)}"`);
  const length = Number(attributes['substring_length'] ?? -1);
  return length < 0 ? value.slice(start - 1) : value.slice(start - 1, start - 1 + length);
}

/** The first group of the first match; nothing where the pattern does not match. */
function capture(value: string, pattern: string): string {
  try {
    return compilePattern(pattern).first(value)?.groups[0] ?? '';
  } catch (error) {
    if (error instanceof PatternError) throw new FunctionError(`pattern ${pattern}: ${error.message}`);
    throw error;
  }
}

function convertGlob(value: string, noEscape: boolean): string {
  try {
    return globToPattern(value, noEscape);
  } catch (error) {
    if (error instanceof GlobError) throw new FunctionError(error.message);
    throw error;
  }
}

/** The first time minus the second, in seconds; the only one is the second, and the first is now. */
function timeDifference(args: Arguments, attributes: Attributes, now: number): string[] {
  const first = attributes['format_1'] ?? 'year_month_day';
  const second = attributes['format_2'] ?? 'year_month_day';
  const [left = [], right] = args;
  if (!right) return left.map((time) => String(now - instant(time, second)));
  return combinations([left, right]).map(([a = '', b = '']) =>
    String(instant(a, first) - instant(b, second)),
  );
}

function instant(text: string, format: string): number {
  const seconds = secondsOf(text, format);
  if (seconds === undefined) throw new FunctionError(`not a time of the format ${format}: ${text}`);
  return seconds;
}
