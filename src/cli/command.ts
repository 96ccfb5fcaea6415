import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { nearest, ScapfeedError } from '../model/index.ts';
import type { Terminal } from './terminal.ts';

export type OptionSpecs = NonNullable<ParseArgsConfig['options']>;

export type OptionValues = Record<string, string | boolean | (string | boolean)[] | undefined>;

export interface Arguments {
  values: OptionValues;
  positionals: string[];
}

/** One command of the tool. `run` returns the exit code; it is the only place that writes to the terminal. */
export interface Command {
  name: string;
  /** What follows the name in the usage line. */
  synopsis: string;
  summary: string;
  /** Option lines and an example, in the form that --help prints. */
  help: string;
  options: OptionSpecs;
  positionals: { min: number; max: number };
  run(args: Arguments, terminal: Terminal): Promise<number>;
}

/** Parses a command's own arguments; anything it does not know is wrong use, with the nearest option named. */
export function parseCommand(command: Command, argv: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    const { min, max } = command.positionals;
    if (values['help'] !== true && (positionals.length < min || positionals.length > max)) {
      throw usage(command, `expected ${command.synopsis}, found ${positionals.length} arguments`);
    }
    requireValues(command, values as OptionValues);
    return { values: values as OptionValues, positionals };
  } catch (error) {
    if (error instanceof ScapfeedError) throw error;
    throw usage(
      command,
      firstSentence((error as Error).message),
      dashedValue((error as Error).message) ?? nearOption(command, argv),
    );
  }
}

/** `--out="$UNSET"`: as a path, nothing is the working directory. */
function requireValues(command: Command, values: OptionValues): void {
  const empty = Object.keys(values).find((name) => [values[name]].flat().includes(''));
  if (empty === undefined) return;
  throw usage(command, `--${empty}: expected a value, found nothing`, 'name one, or leave the option out');
}

export function usage(command: Pick<Command, 'name'>, message: string, remedy?: string): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message,
    remedy: remedy ?? `see \`scapfeed ${command.name} --help\``,
  });
}

function firstSentence(text: string): string {
  return text.split(/\.(?:\s|$)/)[0]!.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** `--max-age -1d`: Node takes what begins with a dash for the next option. */
function dashedValue(message: string): string | undefined {
  const option = /^Option '.*?(--[a-z-]+).*' argument is ambiguous/.exec(message)?.[1];
  return option && `a value that begins with a dash is written as ${option}=-VALUE`;
}

function nearOption(command: Command, argv: readonly string[]): string | undefined {
  const known = Object.keys(command.options);
  for (const arg of argv) {
    const name = /^--([a-z-]+)/.exec(arg)?.[1];
    if (name === undefined || known.includes(name)) continue;
    const near = nearest(name, known);
    if (near) return `did you mean --${near}? see \`scapfeed ${command.name} --help\``;
  }
  return undefined;
}

/** The value of an option that takes a number from 1 to 9999. */
export function wholeNumber(command: Command, values: OptionValues, name: string, otherwise: number): number {
  const text = values[name] as string | undefined;
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw usage(command, `--${name} ${text} is no number from 1 on`);
}
