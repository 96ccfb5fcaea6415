import { type Given, oneOf, unexpected, usage, type WordChoice } from './given-words.ts';

/** One option of a command: its reader and its help. */
export interface Option<T = unknown> {
  kind: 'flag' | 'text' | 'path' | 'choice' | 'number' | 'duration' | 'output';
  /** The word for its value in help: `--keep N`. A flag has none. */
  metavar: string;
  help: string;
  /** The words that it takes, if these can be listed. */
  words?: readonly string[];
  /** It takes other texts too. */
  isOpen?: boolean;
  /** One letter: `-o`. */
  short?: string;
  /** Heading in help; options of one heading are listed together. */
  group?: string;
  repeatable?: boolean;
  required?: boolean;
  /**
   * The reader of SCAPFEED_NAME: `command` reads it itself, because its result has the origin of the value; `nobody`: the
   * option has another meaning than in other commands, so neither the variable nor a settings file for all commands sets it.
   * Default: the option.
   */
  variable?: 'command' | 'nobody';
  /** Its name in the library, if it does not follow from the command's; null: it is one of the command line alone. */
  parameter?: string | null;
  /** The value of the texts that were given: none when the option is absent, the last one unless it is repeatable. */
  read(texts: readonly string[], as: Given): T;
}

/** An option with a value; undefined when it is absent. */
export interface ValueOption<T> extends Option<T | undefined> {
  readOne(text: string, as: Given): T;
}

/** An option that must be given. */
export interface RequiredOption<T> extends Option<T> {
  required: true;
}

/** All options of a command by name, as the user writes them after the two dashes. */
export type OptionTable = Readonly<Record<string, Option>>;

/** The parsed values of a command's options. */
export type OptionValues<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer T> ? T : never;
};

export function flag(help: string): Option<boolean> {
  return { kind: 'flag', metavar: '', help, read: (texts) => texts.length > 0 };
}

export function text(metavar: string, help: string): ValueOption<string> {
  return valueOption('text', metavar, help, (given) => given);
}

/** A file or folder. */
export function path(metavar: string, help: string): ValueOption<string> {
  return valueOption('path', metavar, help, (given) => given);
}

/** Text of a special form: `read` returns its value, or undefined if the text does not have the form. */
export function form<T>(
  metavar: string,
  help: string,
  read: (text: string) => T | undefined,
  remedy?: string,
): ValueOption<T> {
  return valueOption('text', metavar, help, (given, as) => {
    const value = read(given);
    if (value === undefined) throw unexpected(as, metavar, given, remedy);
    return value;
  });
}

export interface ChoiceOptions extends WordChoice {
  metavar: string;
}

/** One of some words. Help names them where it has `%`. */
export function choice<const Word extends string>(
  words: readonly Word[],
  help: string,
  options: ChoiceOptions,
): ValueOption<Word> {
  const { metavar } = options;
  return {
    ...valueOption('choice', metavar, help.replace('%', words.join(', ')), (given, as) =>
      oneOf(words, given, as, options),
    ),
    words,
  };
}

/** A whole number from 1 to 9999. */
export function number(help: string): ValueOption<number> {
  return valueOption('number', 'N', help, (given, as) => {
    if (/^[1-9]\d{0,3}$/.test(given)) return Number(given);
    throw unexpected(as, 'a whole number from 1 to 9999', given);
  });
}

const hour = 3_600_000;

/** A time span in milliseconds: `36h`, `7d`, or `7` for days. */
export function duration(help: string): ValueOption<number> {
  return valueOption('duration', 'AGE', help, (given, as) => {
    const span = milliseconds(given);
    if (span !== undefined && span > 0) return span;
    throw unexpected(as, 'a time span', given, 'write it as 36h, 30d or 30 (days)');
  });
}

/** A time span in milliseconds as an upper limit; `0` is any age, which is infinite. */
export function age(help: string): ValueOption<number> {
  return valueOption('duration', 'AGE', help, (given, as) => {
    const span = milliseconds(given);
    if (span !== undefined) return span === 0 ? Number.POSITIVE_INFINITY : span;
    throw unexpected(as, 'an age', given, 'write it as 36h, 7d or 7 (days), or 0 for any age');
  });
}

/** `36h`, `7d`, `7` (days) in milliseconds; undefined: no time span. */
export function milliseconds(given: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([hd]?)$/.exec(given) ?? [];
  return count === undefined ? undefined : Number(count) * (unit === 'h' ? hour : 24 * hour);
}

/** May be given several times; undefined when it is absent. With commas, one text may hold several values. */
export function repeatable<T>(
  option: ValueOption<T>,
  { commas = false }: { commas?: boolean } = {},
): Option<T[] | undefined> {
  const { readOne, ...rest } = option;
  const parts = (given: string) => (commas ? given.split(',') : [given]);
  return {
    ...rest,
    help: `${option.help}; repeatable${commas ? ' or with commas' : ''}`,
    repeatable: true,
    read: (texts, as) =>
      texts.length === 0 ? undefined : texts.flatMap(parts).map((given) => readOne(given, as)),
  };
}

/** The value where the option is absent, which help shows. */
export function withDefault<T>(option: ValueOption<T>, value: T, shown = String(value)): Option<T> {
  const { readOne, ...rest } = option;
  return {
    ...rest,
    help: `${option.help} (default: ${shown})`,
    read: (texts, as) => (texts.length === 0 ? value : readOne(texts.at(-1)!, as)),
  };
}

/** Must be given. */
export function required<T>(option: ValueOption<T>, remedy?: string): RequiredOption<T> {
  const { readOne, ...rest } = option;
  return {
    ...rest,
    required: true,
    read: (texts, as) => {
      const given = texts.at(-1);
      if (given === undefined) throw usage(as.command, `expected ${as.flag} ${option.metavar}`, remedy);
      return readOne(given, as);
    },
  };
}

/** The option under another name in the library: `definitions` for `definition`. */
export function inLibrary<const Name extends string, Of extends Option>(
  parameter: Name,
  option: Of,
): Of & { parameter: Name } {
  return { ...option, parameter };
}

/** An option that the library does not have. */
export function ofCommandLine<Of extends Option>(option: Of): Of & { parameter: null } {
  return { ...option, parameter: null };
}

/** The options under a heading of their own in help. */
export function group<Table extends OptionTable>(heading: string, table: Table): Table {
  const entries = Object.entries(table).map(([name, option]) => [name, { ...option, group: heading }]);
  return Object.fromEntries(entries) as Table;
}

/** The value if nothing sets an option, in the words of its help. */
export function defaultOf({ kind, help }: Option): string | undefined {
  if (kind === 'flag') return 'false';
  return /\(default: ((?:[^()]|\([^()]*\))*)\)/.exec(help)?.[1];
}

function valueOption<T>(
  kind: Option['kind'],
  metavar: string,
  help: string,
  readOne: (text: string, as: Given) => T,
): ValueOption<T> {
  return {
    kind,
    metavar,
    help,
    readOne,
    read: (texts, as) => (texts.length === 0 ? undefined : readOne(texts.at(-1)!, as)),
  };
}
