import type { Environment } from '../../model/environment.ts';
import { line } from '../../report/printable.ts';
import { textTable } from '../../report/text-table.ts';
import { newFeedOptions } from '../../tasks/feed-options.ts';
import { usage } from '../../tasks/given-words.ts';
import { registryOptions } from '../../tasks/image/options.ts';
import { defaultOf, type Option } from '../../tasks/option.ts';
import {
  type Arguments,
  type Command,
  type CommandEntry,
  defineCommand,
  readCommandLine,
} from '../command.ts';
import { allOptions, optionsOf } from '../common-options.ts';
import { fileLevels, readConfig, unknownVariables } from '../config-file.ts';
import { configPlace, usualConfig } from '../config-place.ts';
import { findEntry } from '../find-entry.ts';
import { optionNames } from '../option-names.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import {
  environmentLevels,
  type Level,
  otherVariables,
  readOptions,
  type Setting,
  settle,
  strangeVariables,
} from '../settings.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  output: outputs('config'),
  ...newFeedOptions,
  ...registryOptions,
};

type ConfigArguments = Arguments<typeof options, ['[ARGUMENT...]']>;

/** The value of an option, and its origin. */
interface Row {
  option: string;
  /** A flag's is `true` or `false`. Undefined: it is not set, and its help names no default. */
  value?: string | readonly string[];
  from: Setting['from'] | 'default';
  /** The option, the variable, or the file with its line. */
  where?: string;
}

/** The command that explains the options of all `commands`, of which it is one. */
export function configOf(commands: readonly CommandEntry[]): Command {
  async function run({ options: given, operands, common }: ConfigArguments, terminal: Terminal) {
    const { env } = terminal;
    const names = await optionNames(commands);
    const { config, 'no-config': none } = common;
    const place = configPlace({ config, none }, env);
    if (operands[0] === 'set') {
      if (none) throw usage('config', '--no-config leaves nothing to set', 'leave it out');
      const { setFeed } = await import('../set-feed.ts');
      await setFeed(placeOf(operands), given, place?.file ?? usualConfig(env), terminal);
      return 0;
    }
    const file = place && readConfig(place, names);
    if (given.yes || given['trust-root'] !== undefined)
      throw usage('config', '--yes and --trust-root are for `config set feed`', 'leave them out');
    const levelsOf = (name: string, table: ReturnType<typeof optionsOf>) => [
      ...environmentLevels(name, table, env),
      ...(file ? fileLevels(name, table, file) : []),
    ];
    const unknown = unknownVariables(strangeVariables('', {}, env), names);
    const holding = {
      file: place?.file ?? null,
      ...(operands.length > 0
        ? await ofCommand(operands, levelsOf, env)
        : { options: await everySetting(levelsOf, env) }),
      unknown,
    };
    await writeOutputs(terminal, given.output, {
      json: () => json(holding),
      table: () => table(holding, usualConfig(env)),
    });
    return 0;
  }

  type LevelsOf = (name: string, table: ReturnType<typeof optionsOf>) => Level[];

  async function ofCommand(words: readonly string[], levelsOf: LevelsOf, env: Environment) {
    const { entry, rest } = findEntry(words, commands);
    const command = await entry.load();
    const { name } = command;
    const given =
      rest.length === 0
        ? new Map()
        : readCommandLine({ ...command, operands: ['[ARGUMENT...]'], actions: {} }, rest).given;
    const settled = settle([given, ...levelsOf(name, optionsOf(command))]);
    const options = allOptions(command).map(([option, record]) =>
      rowOf(option, record, settled.get(option), env),
    );
    readOptions(name, withoutRequired(optionsOf(command), settled), settled);
    return { command: name, options };
  }

  /** All settings of files and variables, whichever command reads them; each is read as its commands would. */
  async function everySetting(levelsOf: LevelsOf, env: Environment) {
    const rows = new Map<string, Row>();
    for (const entry of commands.flatMap((one) => one.subcommands ?? [one])) {
      const command = await entry.load();
      const options = optionsOf(command);
      for (const level of levelsOf(command.name, options)) {
        readOptions(command.name, withoutRequired(options, level), level);
        for (const [option, setting] of level) {
          const row = rowOf(option, options[option]!, setting, env);
          rows.set(row.where!, row);
        }
      }
    }
    return [...rows.values()].sort((a, b) => (a.where! < b.where! ? -1 : 1));
  }

  return defineCommand({
    name: 'config',
    operands: ['[ARGUMENT...]'],
    synopsis: '[COMMAND | set feed PLACE] [OPTIONS] [-- ARGUMENTS OF COMMAND]',
    about: `Prints the value of each option of COMMAND and its origin. Without COMMAND: everything set by the
configuration and the environment.

\`set feed PLACE\` makes a published feed (https://HOST/PATH, oci://HOST/NAME) or a folder the one that commands read,
and writes it to the configuration. Of a published one the digest of its root is shown, with the question whether it is trusted.

An option's value is taken from the first of these that has it:
  1  the command line: --fail-on high
  2  a variable of the command: SCAPFEED_SCAN_FAIL_ON=high
  3  a variable of all commands that have the option: SCAPFEED_MAX_AGE=36h
  4  the command's part of XDG_CONFIG_HOME/scapfeed/config.yaml or --config FILE
  5  the options of all commands in it
  6  for scan, verify and comply: the policy (docs/policy.md)
  7  the default, as in the help of the command`,
    options,
    notes: `A flag is true or false; --no-FLAG on the command line unsets it. Several values of an option are a list in the
file and lines in a variable. Configuration files in the working directory are not read, because others may have
written them. Passphrases and tokens are not options; their variables are ${otherVariables
      .filter((name) => !/_(?:ROOT|TARGETS|SNAPSHOT|TIMESTAMP|KEYID)$/.test(name))
      .join(', ')}.`,
    examples: [
      'scapfeed config set feed https://feeds.example/public',
      'scapfeed config scan',
      'scapfeed config scan -o json -- --fail-on high',
    ],
    run,
  }) as Command;
}

/** Other options are written into the file by hand. */
function placeOf([, option, place, ...more]: readonly string[]): string {
  if (option === 'feed' && place !== undefined && more.length === 0) return place;
  throw usage(
    'config',
    `expected \`set feed PLACE\`, found \`set ${[option, place, ...more].filter((word) => word !== undefined).join(' ')}\``,
    'write other options into the file: docs/configuration.md',
  );
}

/** A run refuses to begin without them; here they are shown as not set. */
function withoutRequired(table: ReturnType<typeof optionsOf>, settled: Level): ReturnType<typeof optionsOf> {
  return Object.fromEntries(
    Object.entries(table).filter(([name, { required }]) => required !== true || settled.has(name)),
  );
}

function rowOf(option: string, record: Option, setting: Setting | undefined, env: Environment): Row {
  if (setting === undefined) {
    const value = defaultOf(record);
    return { option, ...(value !== undefined && { value }), from: 'default' };
  }
  const { texts, from, as } = setting;
  const isRead = record.variable === 'command' && from === 'environment' && texts.length === 0;
  const value = shown(record, isRead ? [env[as] ?? ''] : texts);
  return { option, value, from, where: from === 'file' ? as.slice(0, -`: ${option}`.length) : as };
}

function shown({ kind, repeatable }: Option, texts: readonly string[]): string | string[] {
  if (kind === 'flag') return String(texts.length > 0);
  const safe = texts.map(withoutPassword);
  return repeatable ? safe : (safe.at(-1) ?? '');
}

/** The address of a database may have one. */
function withoutPassword(text: string): string {
  return text.replace(/(:\/\/[^/@:\s]*:)[^/\s]*@/g, '$1***@');
}

interface Holding {
  file: string | null;
  command?: string;
  options: readonly Row[];
}

function table({ file, command, options }: Holding, usual: string): string {
  const rows = options.map(({ option, value, from, where }) => [
    option,
    value === undefined ? '-' : [value].flat().join(' '),
    where ?? from,
  ]);
  const head = file === null ? `no configuration; it would be ${usual}` : `configuration: ${file}`;
  if (rows.length === 0) return `${line(head)}nothing is set in it or in the environment\n`;
  return `${line(command === undefined ? head : `${command}; ${head}`)}\n${textTable(['OPTION', 'VALUE', 'FROM'], rows)}`;
}
