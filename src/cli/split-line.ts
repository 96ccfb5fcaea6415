import { type ParseArgsConfig, parseArgs } from 'node:util';

export type LineOptions = NonNullable<ParseArgsConfig['options']>;

export type ParsedValue = string | boolean | (string | boolean)[] | undefined;

export interface SplitLine {
  values: Record<string, ParsedValue>;
  positionals: string[];
}

/** A command line in options and operands. @throws {Error} Node's own error */
export function splitLine(options: LineOptions, argv: readonly string[]): SplitLine {
  // Node's parser is loaded when it is first asked for, and takes as long as reading a small package database.
  return splitPlain(options, argv) ?? parseArgs({ args: [...argv], options, allowPositionals: true });
}

/** The same for a line of whole options and operands; undefined: anything else, and what is wrong. */
export function splitPlain(options: LineOptions, argv: readonly string[]): SplitLine | undefined {
  const values = Object.create(null) as SplitLine['values'];
  const positionals: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (!word.startsWith('-')) {
      positionals.push(word);
      continue;
    }
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const name = nameOf(options, equals === -1 ? word : word.slice(0, equals));
    if (name === undefined) return undefined;
    const { type, multiple } = options[name]!;
    let value: string | boolean = true;
    if (type === 'boolean') {
      if (equals !== -1) return undefined;
    } else if (equals === -1) {
      at += 1;
      const next = argv[at];
      if (next === undefined || (next.startsWith('-') && next.length > 1)) return undefined;
      value = next;
    } else value = word.slice(equals + 1);
    const before = values[name];
    if (multiple && Array.isArray(before)) before.push(value);
    else values[name] = multiple ? [value] : value;
  }
  return { values, positionals };
}

/** Of `--name` or `-n`. */
function nameOf(options: LineOptions, word: string): string | undefined {
  if (word.startsWith('--')) {
    const name = word.slice(2);
    return Object.hasOwn(options, name) ? name : undefined;
  }
  if (word.length !== 2) return undefined;
  return Object.keys(options).find((name) => options[name]!.short === word[1]);
}
