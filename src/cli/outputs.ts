import { resolve } from 'node:path';
import { writeResult } from '../io/replace-file.ts';
import type { ScapfeedError } from '../model/error.ts';
import { didYouMean } from '../model/nearest.ts';
import { safeDocument } from '../report/safe-document.ts';
import type { ReportText, ReportView, Writers } from '../report/writers.ts';
import { type Given, usage } from '../tasks/given-words.ts';
import { form, type Option, type ValueOption } from '../tasks/option.ts';
import { nameSign } from './output-folders.ts';
import { type FormatOf, type OutputCommand, outputFormats } from './output-formats.ts';
import type { Terminal } from './terminal.ts';

/** One `-o FORMAT[=FILE]`: a report and where it goes; without a file to stdout. */
export interface OutputChoice<Format extends string> {
  format: Format;
  file?: string;
  /** The input of the format, if it needs one: `-o template=TEMPLATE`. */
  made?: string;
}

/** The repeatable `-o FORMAT[=FILE]` of a command. At most one report can go to stdout. */
export function outputs<Name extends OutputCommand>(command: Name): Option<OutputChoice<FormatOf<Name>>[]> {
  const formats = formatsOf(command);
  const [first] = formats;
  const list = formats.map(({ name, takes, help }) => {
    const written = takes === undefined ? name : `${name}=${takes}`;
    return help === undefined ? written : `${written} (${help})`;
  });
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

/** `-o FILE` of a command that writes one document; undefined, or `-`: stdout. `html` and `html=x` are refused as names. */
export function outputFile(what: string): ValueOption<string> {
  const option = form(
    'FILE',
    `where ${what} goes (default: stdout)`,
    (given) => (isFormatChoice(given) ? undefined : given),
    'this command writes one format: write it as -o FILE (a file of that name is ./NAME)',
  );
  return { ...option, kind: 'path', short: 'o', group: 'Output' };
}

/** Whether a text is what other commands take for a format and its file, of whatever format. */
function isFormatChoice(text: string): boolean {
  return /^[a-z][\w.-]*=/i.test(text) || outputFormats.some(({ name }) => name === text.toLowerCase());
}

interface KnownFormat<Format extends string> {
  name: Format;
  help?: string;
  takes?: string;
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
    throw refused(as, `no output format ${name}`, otherFormat(text, formats));
  }
  const rest = equals === -1 ? undefined : text.slice(equals + 1);
  if (found.takes !== undefined) return madeBy(found.name, found.takes, rest, text, as);
  return { format: found.name, ...destination(rest, text, name, as) };
}

/** The remedy for an unknown format; for a file's name, the format of its ending. */
function otherFormat(text: string, formats: readonly KnownFormat<string>[]): string {
  const names = formats.map(({ name }) => name);
  const ending = /^[^=]+\.(\w+)$/.exec(text)?.[1]?.toLowerCase();
  if (ending !== undefined && names.includes(ending)) return `write it as -o ${ending}=${text}`;
  const remedy = didYouMean(text.split('=', 1)[0]!, names);
  return remedy.endsWith('?') ? `${remedy} The formats are ${names.join(', ')}` : remedy;
}

/** `template=TEMPLATE` and `template=TEMPLATE=FILE`. */
function madeBy<Format extends string>(
  format: Format,
  takes: string,
  rest: string | undefined,
  text: string,
  as: Given,
): OutputChoice<Format> {
  const made = rest?.split('=', 1)[0];
  if (!rest || !made) {
    throw refused(as, `-o ${text} names no ${takes}`, `write it as ${format}=${takes}[=FILE]`);
  }
  const file = rest.length > made.length ? rest.slice(made.length + 1) : undefined;
  return { format, made, ...destination(file, text, `${format}=${made}`, as) };
}

function destination(file: string | undefined, text: string, name: string, as: Given): { file?: string } {
  if (file === '') throw refused(as, `-o ${text} names no file`, `write it as ${name}=FILE`);
  return file === undefined || file === '-' ? {} : { file };
}

function requireApart(choices: readonly OutputChoice<string>[], as: Given): void {
  if (choices.filter(({ file }) => file === undefined).length > 1) {
    throw refused(as, 'only one -o can go to stdout', 'give the others a file: -o json=FILE');
  }
  const files = choices.flatMap(({ file }) => (file === undefined ? [] : [resolve(file)]));
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined) throw refused(as, `two reports go to ${twice}`, 'give each -o a file of its own');
}

/** On a command line the words show which option is meant; a file and a variable are named. */
function refused({ command, flag }: Given, message: string, remedy: string | undefined): ScapfeedError {
  return usage(command, flag.startsWith('-') ? message : `${flag}: ${message}`, remedy);
}

/** Whether it is a file for each image. */
export function isForEach({ file }: OutputChoice<string>): boolean {
  return file?.includes(nameSign) ?? false;
}

/** The choices for one image: `{name}` in the name of a file is the image's. */
export function forOneTarget<Format extends string>(
  choices: readonly OutputChoice<Format>[],
  name: string,
): readonly OutputChoice<Format>[] {
  if (!choices.some(isForEach)) return choices;
  return choices.map((choice) =>
    choice.file === undefined
      ? choice
      : { ...choice, file: choice.file.replaceAll(nameSign, name.replaceAll('/', '-')) },
  );
}

export { writeResult, writeResultWhile } from '../io/replace-file.ts';
export type { ReportText, ReportView, Writers } from '../report/writers.ts';

/** Capabilities of the destination: a terminal has colours, links and a width, a file has none. */
export function viewOf(
  { color, links, columns }: Pick<Terminal, 'color' | 'links' | 'columns'>,
  { file, made }: Pick<OutputChoice<string>, 'file' | 'made'>,
): ReportView {
  const toStdout = file === undefined;
  return {
    color: color && toStdout,
    links: links && toStdout,
    ...(toStdout && columns !== undefined && { columns }),
    ...(made !== undefined && { made }),
  };
}

/** Sends each report where it was asked to go. */
export async function writeOutputs<Format extends string>(
  terminal: Terminal,
  choices: readonly OutputChoice<Format>[],
  writers: Writers<Format>,
): Promise<void> {
  for (const choice of choices) {
    const { format, file } = choice;
    const text = await writers[format](viewOf(terminal, choice));
    writeOutput(terminal, { format, ...(file !== undefined && { file }) }, text);
  }
}

/** Sends one report where it was asked to go. */
export function writeOutput(
  terminal: Terminal,
  { format, file }: OutputChoice<string>,
  report: ReportText,
): void {
  const text = safeDocument(format, report);
  if (file !== undefined) {
    writeResult(file, `${format} report`, text);
    terminal.note(`wrote ${format} report to ${file}`);
    return;
  }
  const isWhole = typeof text === 'string' || terminal.columns !== undefined;
  if (isForPeople(format) && terminal.page && isWhole) {
    terminal.page(typeof text === 'string' ? text : [...text].join(''));
    return;
  }
  const write = isForPeople(format) ? terminal.out : terminal.document;
  if (typeof text === 'string') write(text);
  else for (const part of text) write(part);
}

function isForPeople(format: string): boolean {
  return outputFormats.some((one) => one.name === format && 'forPeople' in one);
}

/** A value as the JSON that commands print. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
