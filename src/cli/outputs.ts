import { resolve } from 'node:path';
import { outputNotWritable } from '../io/disk-refusal.ts';
import { replaceFile } from '../io/replace-file.ts';
import { didYouMean } from '../model/index.ts';
import { type Command, usage } from './command.ts';
import type { Terminal } from './terminal.ts';

/** One `-o FORMAT[=FILE]`: a report and where it goes; no file, or `-`: stdout. */
export interface OutputChoice {
  format: string;
  file?: string;
}

/** Reads the repeatable -o; the first format is the default. At most one report can go to stdout. */
export function outputChoices(
  command: Command,
  given: readonly string[] | undefined,
  formats: readonly string[],
): OutputChoice[] {
  const choices = (given ?? [formats[0]!]).map((text) => outputChoice(command, text, formats));
  if (choices.filter(({ file }) => file === undefined).length > 1) {
    throw usage(command, 'only one -o can go to stdout', 'give the others a file: -o json=FILE');
  }
  const files = choices.flatMap(({ file }) => (file === undefined ? [] : [resolve(file)]));
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined)
    throw usage(command, `two reports go to ${twice}`, 'give each -o a file of its own');
  return choices;
}

function outputChoice(command: Command, text: string, formats: readonly string[]): OutputChoice {
  const equals = text.indexOf('=');
  const format = equals === -1 ? text : text.slice(0, equals);
  if (!formats.includes(format)) {
    throw usage(command, `no output format ${format}`, didYouMean(format, formats));
  }
  const file = equals === -1 ? '-' : text.slice(equals + 1);
  if (file === '') throw usage(command, `-o ${text} names no file`, `write it as ${format}=FILE`);
  return file === '-' ? { format } : { format, file };
}

/** Sends each report where it was asked to go. */
export function writeOutputs(
  terminal: Terminal,
  choices: readonly OutputChoice[],
  render: (format: string, toTerminal: boolean) => string,
): void {
  for (const { format, file } of choices) {
    const text = render(format, file === undefined);
    if (file !== undefined) {
      writeResult(file, `${format} report`, text);
      terminal.err(`wrote ${format} report to ${file}`);
    } else if (format === 'table') terminal.out(text);
    else terminal.document(text);
  }
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
