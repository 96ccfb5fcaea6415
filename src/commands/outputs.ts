import { writeFileSync } from 'node:fs';
import { ScapfeedError } from '../model/index.ts';
import { type Command, nearest, usage } from './command.ts';
import type { Terminal } from './terminal.ts';

/** One `-o FORMAT[=FILE]`: a report and where it goes; no file: stdout. */
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
  return choices;
}

function outputChoice(command: Command, text: string, formats: readonly string[]): OutputChoice {
  const equals = text.indexOf('=');
  const format = equals === -1 ? text : text.slice(0, equals);
  if (!formats.includes(format)) {
    const near = nearest(format, formats);
    throw usage(
      command,
      `no output format ${format}`,
      near ? `did you mean ${near}?` : `use one of ${formats.join(', ')}`,
    );
  }
  return equals === -1 ? { format } : { format, file: text.slice(equals + 1) };
}

/** Sends each report where it was asked to go. */
export function writeOutputs(
  terminal: Terminal,
  choices: readonly OutputChoice[],
  render: (format: string, toTerminal: boolean) => string,
): void {
  for (const { format, file } of choices) {
    const text = render(format, file === undefined);
    if (file === undefined) terminal.out(text);
    else writeReport(terminal, format, file, text);
  }
}

function writeReport(terminal: Terminal, format: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new ScapfeedError({
      code: 'OUTPUT_NOT_WRITABLE',
      message: `the ${format} report cannot be written`,
      where: file,
      remedy: 'name a file in a folder that exists and can be written',
      cause,
    });
  }
  terminal.err(`wrote ${format} report to ${file}\n`);
}
