import type { Environment } from '../model/environment.ts';
import { isScapfeedError, ScapfeedError } from '../model/error.ts';
import { formerOptions, nowWritten } from '../model/former-words.ts';
import { usage } from '../tasks/given-words.ts';
import type { Option, OptionTable } from '../tasks/option.ts';

/** The text of an option, and its origin. */
export interface Setting {
  /** As its option reads them; none: as if it were absent. */
  texts: readonly string[];
  from: 'flag' | 'environment' | 'file';
  /** The setting's name in messages: `--keep`, `SCAPFEED_KEEP`, `config.yaml:3: keep`. */
  as: string;
}

/** The settings of one place, by the options' names. */
export type Level = ReadonlyMap<string, Setting>;

/** The environment variable of an option: of all commands that have it, or of one command. */
export function variableOf(option: string, command = ''): string {
  return ['scapfeed', ...command.split(' '), option]
    .filter((word) => word !== '')
    .join('_')
    .replaceAll('-', '_')
    .toUpperCase();
}

/** The scopes in which a command's options can be set, the narrowest first: `fleet run`, `fleet`. */
export function scopesOf(command: string): string[] {
  const [first] = command.split(' ');
  return command === first ? [command] : [command, first!];
}

/** The environment's settings of a command's options, the strongest first. Variables without a value are ignored. */
export function environmentLevels(command: string, table: OptionTable, env: Environment): Level[] {
  return [...scopesOf(command), ''].map((scope) => {
    const level = new Map<string, Setting>();
    for (const [name, option] of Object.entries(table)) {
      const taker = scope === '' ? option.variable : undefined;
      const variable = variableOf(name, scope);
      const value = env[variable];
      // A block of YAML in a pipeline's file leaves the end of a line where it has nothing.
      if (!value?.trim() || taker === 'nobody') continue;
      const texts = taker === 'command' ? [] : textsOf(option, value, { command, variable });
      level.set(name, { texts, from: 'environment', as: variable });
    }
    return level;
  });
}

function textsOf(
  { kind, repeatable }: Option,
  value: string,
  { command, variable }: { command: string; variable: string },
): string[] {
  if (kind === 'flag') {
    const isSet = truths.get(value.toLowerCase());
    if (isSet === undefined)
      throw usage(
        command,
        `${variable}: expected true or false, found ${value}`,
        'set it so, or leave it empty',
      );
    return isSet ? [''] : [];
  }
  if (!repeatable) return [value];
  return value.split(/\r?\n/).filter((line) => line !== '');
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

/** The opposite option, whether the command has it or not. */
export function oppositeOf(option: string): string {
  return option.startsWith('no-') ? option.slice(3) : `no-${option}`;
}

/** The setting of each option, by the strongest place that sets it or its opposite. */
export function settle(levels: readonly Level[]): Map<string, Setting> {
  const settled = new Map<string, Setting>();
  const decided = new Set<string>();
  for (const level of levels) {
    const open = [...level].filter(([name]) => !decided.has(name));
    for (const [name, setting] of open) {
      settled.set(name, setting);
      decided.add(name);
      if (setting.texts.length > 0) decided.add(oppositeOf(name));
    }
  }
  return settled;
}

/**
 * The values of options. @throws {ScapfeedError} USAGE for one that cannot be read, named by where it is from; CONFIG_INVALID for
 * one of a file, with its line
 */
export function readOptions(command: string, table: OptionTable, settled: Level): Record<string, unknown> {
  const entries = Object.entries(table).map(([name, option]) => {
    const setting: Setting = settled.get(name) ?? { texts: [], from: 'flag', as: `--${name}` };
    return [name, readSetting(command, name, option, setting)] as const;
  });
  return Object.fromEntries(entries);
}

function readSetting(command: string, name: string, option: Option, { texts, from, as }: Setting): unknown {
  try {
    return option.read(texts, { command, flag: as });
  } catch (cause) {
    if (from !== 'file' || !isScapfeedError(cause) || !cause.message.startsWith(`${as}: `)) throw cause;
    throw new ScapfeedError({
      code: 'CONFIG_INVALID',
      message: `${name}: ${cause.message.slice(`${as}: `.length)}`,
      where: as.slice(0, -`: ${name}`.length),
      ...(cause.remedy === undefined ? {} : { remedy: cause.remedy }),
      cause,
    });
  }
}

/** Variables that are not options: secrets, which must not be in the file of options, and variables that are read elsewhere. */
export const otherVariables: readonly string[] = [
  ...['', '_ROOT', '_TARGETS', '_SNAPSHOT', '_TIMESTAMP'].map((role) => `SCAPFEED_PASSPHRASE${role}`),
  'SCAPFEED_KEYID',
  'SCAPFEED_MAIL_FROM',
  'SCAPFEED_OIDC_SECRET',
  'SCAPFEED_PAGER',
  'SCAPFEED_SMTP',
  'SCAPFEED_WEBHOOK_SECRET',
];

/** Variables of our name that this command does not know; another one may. */
export function strangeVariables(command: string, table: OptionTable, env: Environment): string[] {
  const ours = Object.keys(env).filter(
    (name) => name.startsWith('SCAPFEED_') && !otherVariables.includes(name),
  );
  if (ours.length === 0) return ours;
  const known = new Set(
    Object.keys(table).flatMap((name) => [...scopesOf(command), ''].map((scope) => variableOf(name, scope))),
  );
  return ours.filter((name) => !known.has(name));
}

/** Names of every command's options. */
export type OptionNames = Readonly<Record<string, readonly string[]>>;

/** @throws {ScapfeedError} USAGE for a variable of a former option: a gate that it sets would be lost */
export function requireCurrent(command: string, strange: readonly string[], table: OptionTable): void {
  for (const former of formerOptions) {
    const now = nowWritten(former, Object.keys(table));
    const scope = [...scopesOf(command), ''].find((each) => strange.includes(variableOf(former, each)));
    if (now && scope !== undefined)
      throw usage(
        command,
        `${variableOf(former, scope)} is of a former version`,
        `set ${variableOf(now.option, scope)}=${now.value}`,
      );
  }
}

/** Every variable that some command knows. */
export function knownVariables(names: OptionNames): string[] {
  const known = Object.entries(names).flatMap(([command, options]) =>
    options.flatMap((option) => [...scopesOf(command), ''].map((scope) => variableOf(option, scope))),
  );
  return [...new Set([...known, ...otherVariables])];
}
