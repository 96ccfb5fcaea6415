import { resolve } from 'node:path';
import { outputNotWritable } from '../io/disk-refusal.ts';
import { replaceFile } from '../io/replace-file.ts';
import { didYouMean } from '../model/index.ts';
import { type Given, type Option, path, type ValueOption } from './option.ts';
import { type FormatOf, type OutputCommand, outputFormats } from './output-formats.ts';
import type { Terminal } from './terminal.ts';
import { usage } from './usage.ts';

/** One `-o FORMAT[=FILE]`: a report and where it goes; without a file to stdout. */
export interface OutputChoice<Format extends string> {
  format: Format;
  file?: string;
}

/** The repeatable `-o FORMAT[=FILE]` of a command. At most one report can go to stdout. */
export function outputs<Name extends OutputCommand>(command: Name): Option<OutputChoice<FormatOf<Name>>[]> {
  const formats = formatsOf(command);
  const [first] = formats;
  const list = formats.map((one) => (one.help === undefined ? one.name : `${one.name} (${one.help})`));
  return {
    kind: 'output',
    metavar: 'FORMAT[=FILE]',
    short: 'o',
    group: 'Output',
    repeatable: true,
    words: formats.map(({ name }) => name),
    help: `${list.join(', ')}; to FILE or to stdout; repeatable (default: ${first!.name})`,
    read: (texts, as) => {
      if (texts.length === 0) return [{ format: first!.name }];
      const choices = texts.map((text) => outputChoice(text, formats, as));
      requireApart(choices, as);
      return choices;
    },
  };
}

/** `-o FILE` of a command that writes one document; undefined, or `-`: stdout. */
export function outputFile(what: string): ValueOption<string> {
  const option = path('FILE', `where ${what} goes (default: stdout)`);
  return { ...option, short: 'o', group: 'Output' };
}

interface KnownFormat<Format extends string> {
  name: Format;
  help?: string;
}

function formatsOf<Name extends OutputCommand>(command: Name): KnownFormat<FormatOf<Name>>[] {
  const own = outputFormats.filter(({ commands }) => commands.some((name) => name === command));
  // FormatOf is this filter on the level of types.
  return own as unknown as KnownFormat<FormatOf<Name>>[];
}

function outputChoice<Format extends string>(
  text: string,
  formats: readonly KnownFormat<Format>[],
  as: Given,
): OutputChoice<Format> {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  const found = formats.find((one) => one.name === name);
  if (!found) {
    const names = formats.map((one) => one.name);
    throw usage(as.command, `no output format ${name}`, didYouMean(name, names));
  }
  const file = equals === -1 ? '-' : text.slice(equals + 1);
  if (file === '') throw usage(as.command, `-o ${text} names no file`, `write it as ${name}=FILE`);
  return file === '-' ? { format: found.name } : { format: found.name, file };
}

function requireApart(choices: readonly OutputChoice<string>[], { command }: Given): void {
  if (choices.filter(({ file }) => file === undefined).length > 1) {
    throw usage(command, 'only one -o can go to stdout', 'give the others a file: -o json=FILE');
  }
  const files = choices.flatMap(({ file }) => (file === undefined ? [] : [resolve(file)]));
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined)
    throw usage(command, `two reports go to ${twice}`, 'give each -o a file of its own');
}

/** What makes a report of each format. `toTerminal`: it goes to stdout, where it may have colours. */
export type Writers<Format extends string> = Readonly<
  Record<Format, (view: { toTerminal: boolean }) => string>
>;

/** Sends each report where it was asked to go. */
export function writeOutputs<Format extends string>(
  terminal: Terminal,
  choices: readonly OutputChoice<Format>[],
  writers: Writers<Format>,
): void {
  for (const { format, file } of choices) {
    const text = writers[format]({ toTerminal: file === undefined });
    if (file !== undefined) {
      writeResult(file, `${format} report`, text);
      terminal.err(`wrote ${format} report to ${file}`);
    } else if (isForPeople(format)) terminal.out(text);
    else terminal.document(text);
  }
}

function isForPeople(format: string): boolean {
  return outputFormats.some((one) => one.name === format && 'forPeople' in one);
}

/** A value as the JSON that commands print. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Writes what a command was asked for into a file: the whole of it or nothing. */
export function writeResult(file: string, what: string, text: string): void {
  try {
    replaceFile(file, text);
  } catch (cause) {
    throw outputNotWritable({
      message: `the ${what} cannot be written: ${(cause as Error).message}`,
      where: file,
      remedy: 'name a file in a folder that exists and can be written, with room for it',
      cause,
    });
  }
}
