import { ScapfeedError } from '../model/error.ts';
import { nowWritten } from '../model/former-words.ts';
import { nearest } from '../model/nearest.ts';
import { shellWord } from '../report/shell-word.ts';
import { usage } from '../tasks/given-words.ts';
import type { Option, OptionTable, OptionValues } from '../tasks/option.ts';
import { actionOf, type CommonChoice, optionsOf, sharedOptions } from './common-options.ts';
import { requireOutputFolders } from './output-folders.ts';
import { requireOutputsApart, textsRead } from './outputs-apart.ts';
import { type Level, oppositeOf, readOptions, type Setting, settle } from './settings.ts';
import { type LineOptions, type ParsedValue, type SplitLine, splitLine } from './split-line.ts';
import type { Terminal } from './terminal.ts';
import { ownOption } from './words-of-others.ts';

type OperandNames = readonly string[];

/**
 * One command of the tool. Its options and operands are what the command line is parsed by and what help is made of.
 * `run` returns the exit code; it is the only place that writes to the terminal.
 */
export interface Command<Table extends OptionTable = OptionTable, Names extends OperandNames = OperandNames> {
  name: string;
  /** Arguments without a dash: `IMAGE`; `[FILE]`, which can be left out; `FILE...`, one or more; `[IMAGE...]`, any number. */
  operands: Names;
  /** The usage line after the name, if operands and required options are not enough. */
  synopsis?: string;
  /** Help before the options. Lines that begin with a space stay as they are, others are wrapped. */
  about?: string;
  options: Table;
  /** Operands and options by action, if the first operand is an action; others are refused. */
  actions?: Readonly<Record<string, CommandAction<keyof Table & string>>>;
  /** The option that a command without operands needs first: what stands there as an operand was meant for it. */
  mainOption?: keyof Table & string;
  /** Help after the options. */
  notes?: string;
  /** A long command: it reports each of its steps (terminal.ts), and its JSON has their durations. */
  isLong?: true;
  /** Meaning of each exit code of this command. */
  exitCodes?: Readonly<Record<number, string>>;
  /** Command lines. */
  examples: readonly string[];
  run(args: Arguments<Table, Names>, terminal: Terminal): Promise<number>;
}

export interface CommandAction<Name extends string = string> {
  options: readonly Name[];
  /** The operand after the action, which it needs; without it there is none. */
  operand?: string;
}

/**
 * A command's place in the list. Its code is in the file of its name and is loaded when it is called; scripts/build.mjs
 * reads this list too.
 */
export interface CommandEntry {
  name: string;
  summary: string;
  /**
   * Where the build puts its code. `start`: with the start, for short runs in which loading another file would cost more than
   * the work. `own_start`: with a start of its own, for short runs of much code. `one_file`: a file with all of its packages,
   * where these are many small files. Default: a module that shares chunks with other commands.
   */
  bundle?: 'start' | 'own_start' | 'one_file';
  /** Flags for V8, set before any code of the command is compiled. */
  v8Flags?: string;
  /** Commands of two words, each with its own options: `fleet add`. Their code is in the folder of the first word. */
  subcommands?: readonly CommandEntry[];
  load(): Promise<Command>;
}

export interface Arguments<Table, Names extends OperandNames> {
  options: OptionValues<Table>;
  operands: Operands<Names>;
  /** `--no-pager`, which all commands with a table have. */
  unpaged?: true;
  common: CommonChoice;
  /** Inputs named by options and operands: files, folders and images, as written on the command line. */
  reads: readonly string[];
  /** The options that the command line, a variable or a file set or took back: no weaker place changes these. */
  decided: ReadonlySet<string>;
  /** The options of the command line again, without outputs: another command line that is advised needs them too. */
  again: readonly string[];
}

/** One text for each operand; undefined for one that was left out. */
type Operands<Names extends OperandNames> = Names extends readonly [`${string}...`]
  ? [string, ...string[]]
  : Names extends readonly [`[${string}...]`]
    ? string[]
    : { [At in keyof Names]: Names[At] extends `[${string}` ? string | undefined : string };

/** A command whose `run` gets its options and operands by their types. */
export function defineCommand<Table extends OptionTable, const Names extends OperandNames>(
  command: Command<Table, Names>,
): Command<Table, Names> {
  return command;
}

/** The usage line after the command's name. */
export function synopsisOf({ operands, options, synopsis }: Command): string {
  const needed = Object.entries(options).filter(([, option]) => option.required === true);
  const words = [...operands, ...needed.map(([name, { metavar }]) => `--${name} ${metavar}`), '[OPTIONS]'];
  return synopsis ?? words.join(' ');
}

/** A command line, before its options are read. */
export interface CommandLine {
  given: Level;
  operands: readonly string[];
  wantsHelp: boolean;
}

/**
 * A command's own arguments; undefined when help was asked for. `levels` are other places that set options, the strongest first.
 * @throws {ScapfeedError} USAGE for whatever the command does not know, with the nearest option named
 */
export function parseCommand<Table extends OptionTable, Names extends OperandNames>(
  command: Command<Table, Names>,
  argv: readonly string[],
  levels: readonly Level[] = [],
): Arguments<Table, Names> | undefined {
  const line = readCommandLine(command, argv);
  return line.wantsHelp ? undefined : argumentsOf(command, line, levels);
}

/**
 * Runs a command that has all of its arguments, and returns its exit code.
 * @throws {ScapfeedError} OUTPUT_NOT_WRITABLE before it begins: a report has no folder. It depends on the machine, and is thus not asked
 *   while a command line is read.
 */
export function runCommand(
  command: Command,
  line: CommandLine,
  levels: readonly Level[],
  terminal: Terminal,
): Promise<number> {
  const args = argumentsOf(command, line, levels);
  requireOutputFolders(reportFiles(args.options), args.reads);
  return command.run(args, args.unpaged ? withoutPager(terminal) : terminal);
}

function withoutPager({ page: _, ...terminal }: Terminal): Terminal {
  return terminal;
}

/** @throws {ScapfeedError} USAGE, also for a report that would be written over what the command reads */
function argumentsOf<Table extends OptionTable, Names extends OperandNames>(
  command: Command<Table, Names>,
  { given, operands }: CommandLine,
  levels: readonly Level[],
): Arguments<Table, Names> {
  const settled = settle([given, ...levels]);
  // Each value has its option's type: `read` returned it.
  const options = readOptions(command.name, command.options, settled) as OptionValues<Table>;
  const reads = textsRead({ operands: command.operands, options: optionsOf(command) }, settled, operands);
  requireOutputsApart(command.name, reportFiles(options), reads);
  const { 'no-pager': unpaged, ...common } = readOptions(command.name, sharedOptions(command), settled);
  return {
    options,
    operands: operands as unknown as Operands<Names>,
    reads,
    ...(unpaged === true ? { unpaged: true } : {}),
    common: common as CommonChoice,
    decided: new Set(settled.keys()),
    again: wordsOf(command.options, given),
  };
}

/** `-o FORMAT=FILE` of most commands, `-o FILE` of those with one document. */
function reportFiles(options: object): (string | undefined)[] {
  const { output } = options as { output?: string | readonly { file?: string }[] };
  return typeof output === 'object' ? output.map(({ file }) => file) : [output];
}

function wordsOf(table: OptionTable, given: Level): string[] {
  return [...given].flatMap(([name, { texts, as }]) => {
    const option = table[name];
    if (option === undefined || name === 'output') return [];
    if (option.kind === 'flag' || texts.length === 0) return [as];
    return texts.flatMap((text) => (text.startsWith('-') ? [`${as}=${text}`] : [as, text]));
  });
}

/** @throws {ScapfeedError} USAGE for whatever the command does not know, with the nearest option named */
export function readCommandLine(command: Command, argv: readonly string[]): CommandLine {
  const table = optionsOf(command);
  const { values, positionals } = split(command, table, argv);
  const wantsHelp = values['help'] === true;
  if (!wantsHelp) requireOperands(command, positionals);
  const given = new Map<string, Setting>();
  for (const [name, value] of Object.entries(values)) {
    if (name === 'help' || value === undefined) continue;
    const isTaken = Object.hasOwn(table, name);
    const option = isTaken ? name : oppositeOf(name);
    if (!isTaken && values[option] !== undefined)
      throw usage(command.name, `--${option} and --${name} contradict each other`, 'give one of them');
    // `--no-...` turns off an option that a file or the environment turned on.
    given.set(option, { texts: isTaken ? [value].flat().map(String) : [], from: 'flag', as: `--${name}` });
  }
  if (!wantsHelp) requireOfAction(command, positionals, given);
  return { given, operands: positionals, wantsHelp };
}

function split(command: Command, table: OptionTable, argv: readonly string[]): SplitLine {
  try {
    const options = Object.entries(table).map(([name, option]) => [name, specOf(option)]);
    const line = splitLine(
      {
        ...Object.fromEntries(opposites(table).map((name) => [name, { type: 'boolean' }])),
        ...Object.fromEntries(options),
        help: { type: 'boolean', short: 'h' },
      },
      argv,
    );
    requireValues(command, line.values);
    return line;
  } catch (error) {
    if (error instanceof ScapfeedError || !(error instanceof Error)) throw error;
    throw usage(
      command.name,
      firstSentence(error.message),
      dashedValue(error.message) ?? nearOption(command, table, argv),
    );
  }
}

/** `--no-offline`, `--oval` where there is --no-oval: they take back a flag that was set elsewhere. */
function opposites(table: OptionTable): string[] {
  const flags = Object.entries(table).filter(([, { kind }]) => kind === 'flag');
  return flags.map(([name]) => oppositeOf(name)).filter((name) => !Object.hasOwn(table, name));
}

function specOf({ kind, short }: Option): LineOptions[string] {
  return {
    type: kind === 'flag' ? 'boolean' : 'string',
    multiple: true,
    ...(short === undefined ? {} : { short }),
  };
}

function requireOperands(command: Command, given: readonly string[]): void {
  const { operands } = command;
  const count = given.length;
  const least = operands.filter((name) => !name.startsWith('[')).length;
  const most = operands.some((name) => /\.\.\.\]?$/.test(name)) ? Number.POSITIVE_INFINITY : operands.length;
  if (count < least || count > most) {
    throw usage(
      command.name,
      `expected ${synopsisOf(command)}, found ${count} ${count === 1 ? 'argument' : 'arguments'}`,
      wrongCount(command, given),
    );
  }
  const empty = given.indexOf('');
  if (empty === -1) return;
  const name = (operands[empty] ?? operands.at(-1)!).replace(/[[\].]/g, '');
  throw usage(
    command.name,
    `${name}: expected a value, found nothing`,
    'specify one; to ignore a variable, unset it',
  );
}

/** An action that is not there is the command's to refuse. */
function requireOfAction(command: Command, [name = '', operand]: readonly string[], given: Level): void {
  const action = actionOf(command, name);
  if (!action) return;
  const full = `${command.name} ${name}`;
  if (action.operand !== undefined && operand === undefined)
    throw usage(command.name, `${full}: expected ${action.operand}, found nothing`);
  if (action.operand === undefined && operand !== undefined)
    throw usage(command.name, `${full}: expected no argument, found ${operand}`);
  const taken = optionsOf(command, name);
  const [strange, setting] = [...given].find(([option]) => !Object.hasOwn(taken, option)) ?? [];
  if (strange === undefined) return;
  const remedy = `omit it; see \`scapfeed ${command.name} --help\``;
  throw usage(command.name, `${full} has no ${setting!.as}`, remedy);
}

/** A remedy, if the intention is plain. */
function wrongCount({ operands, mainOption }: Command, given: readonly string[]): string | undefined {
  if (mainOption && given.length === 1) return `write it as --${mainOption} ${shellWord(given[0]!)}`;
  const isOneImage = operands.length === 1 && operands[0] === 'IMAGE' && given.length > 1;
  return isOneImage ? 'call it once for each image' : undefined;
}

/** `--out="$UNSET"`: an empty path would be the working directory. */
function requireValues(command: Command, values: Record<string, ParsedValue>): void {
  const empty = Object.keys(values).find((name) => [values[name]].flat().includes(''));
  if (empty === undefined) return;
  throw usage(command.name, `--${empty}: expected a value, found nothing`, 'specify one, or omit the option');
}

function firstSentence(text: string): string {
  return text.split(/\.(?:\s|$)/)[0]!.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** `--max-age -1d`: Node takes what begins with a dash for the next option. */
function dashedValue(message: string): string | undefined {
  const option = /^Option '.*?(--[a-z-]+).*' argument is ambiguous/.exec(message)?.[1];
  return option && `a value that begins with a dash is written as ${option}=-VALUE`;
}

function nearOption(
  { name: command }: Command,
  table: OptionTable,
  argv: readonly string[],
): string | undefined {
  const known = Object.keys(table);
  for (const arg of argv) {
    const name = /^--?([a-z-]+)/.exec(arg)?.[1];
    if (name === undefined || known.includes(name)) continue;
    const now = nowWritten(name, known) ?? nowWritten(name.replace(/^no-/, ''), known);
    const own = now ? `write --${now.option} ${now.value}` : ownOption(name, known);
    if (own) return `${own}; see \`scapfeed ${command} --help\``;
    if (!arg.startsWith('--')) continue;
    const near = nearest(name, known);
    if (near) return `did you mean --${near}? see \`scapfeed ${command} --help\``;
  }
  return undefined;
}
