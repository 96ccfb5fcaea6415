import { existsSync } from 'node:fs';
import { discardAllUnfinished, watchUnfinished } from '../io/unfinished.ts';
import type { Environment } from '../model/environment.ts';
import { usage } from '../tasks/given-words.ts';
import { type Command, type CommandLine, readCommandLine, runCommand } from './command.ts';
import { commands } from './commands/index.ts';
import { type CommonChoice, commonOptions, optionsOf } from './common-options.ts';
import { configPlace } from './config-place.ts';
import { failureCode } from './failure.ts';
import { findEntry } from './find-entry.ts';
import { helpText, overview } from './help.ts';
import { logForms } from './log.ts';
import { toolVersion } from './program.ts';
import {
  environmentLevels,
  type Level,
  readOptions,
  requireCurrent,
  settle,
  strangeVariables,
} from './settings.ts';
import { type MessageChoice, type ProcessTerminal, processTerminal } from './terminal.ts';

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Removes unfinished files when a signal ends the process, which then ends by it as it would have. Only while there are some: Node
 * runs a listener between two pieces of work, and without one a signal ends a process at once.
 */
function removeWhenEnded(): void {
  watchUnfinished((isPending) => {
    for (const signal of endings) {
      // First: listeners of one signal only are gone when those behind them are called.
      if (isPending) process.prependListener(signal, end);
      else process.off(signal, end);
    }
  });
}

function end(signal: NodeJS.Signals): void {
  // A command that ends itself, such as a server, removes its own.
  if (process.listenerCount(signal) > 1) return;
  discardAllUnfinished();
  process.off(signal, end);
  process.kill(process.pid, signal);
}

/** Runs one command and returns its exit code. Failures are printed below: what, where, what to do next. */
async function main(argv: readonly string[], terminal: ProcessTerminal): Promise<number> {
  const [name] = argv;
  if (name === '--version' || name === '-V') {
    terminal.out(`scapfeed ${toolVersion}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h') {
    if (name !== undefined) {
      terminal.out(overview(commands));
      return 0;
    }
    // It is wrong use: a pipe must not take the help for a result.
    overview(commands).trimEnd().split('\n').forEach(terminal.err);
    return 2;
  }
  const { entry, rest } = findEntry(argv, commands);
  const command = await entry.load();
  const line = readCommandLine(command, rest);
  if (line.wantsHelp) {
    terminal.out(helpText(command, entry.summary));
    return 0;
  }
  const { levels, warnings } = await otherLevels(command, line, terminal.env);
  terminal.choose(messageChoice(command, [line.given, ...levels]));
  warnings.forEach(terminal.err);
  return runCommand(command, line, levels, terminal);
}

/** Settings of a command's options by environment and configuration, and the unknown names in them. */
async function otherLevels(
  command: Command,
  { given }: CommandLine,
  env: Environment,
): Promise<{ levels: Level[]; warnings: string[] }> {
  const { name } = command;
  const table = optionsOf(command);
  const levels = environmentLevels(name, table, env);
  const { config, 'no-config': none } = commonChoice(command, [given, ...levels]);
  if (given.get('config') && given.get('no-config')?.texts.length)
    throw usage(name, '--config and --no-config contradict each other', 'give one of them');
  const place = configPlace({ config, none }, env);
  const strange = strangeVariables(name, table, env);
  requireCurrent(name, strange, table);
  if (place === undefined && strange.length === 0) return { levels, warnings: [] };
  // Few runs have a file or a variable that is not theirs.
  const [{ readConfig, fileLevels, unknownVariables }, { optionNames }] = await Promise.all([
    import('./config-file.ts'),
    import('./option-names.ts'),
  ]);
  const names = await optionNames(commands);
  // `config set` makes the file that is named; `config` itself reads it otherwise.
  const isAbsent = name === 'config' && place !== undefined && !existsSync(place.file);
  if (place !== undefined && !isAbsent) levels.push(...fileLevels(name, table, readConfig(place, names)));
  return { levels, warnings: unknownVariables(strange, names) };
}

function commonChoice({ name }: Command, levels: readonly Level[]): CommonChoice {
  // Each value has its option's type: `read` returned it.
  return readOptions(name, commonOptions, settle(levels)) as CommonChoice;
}

function messageChoice(command: Command, levels: readonly Level[]): MessageChoice {
  const { quiet, log: form, 'log-level': level } = commonChoice(command, levels);
  const least = level ?? 'info';
  return {
    least: quiet && (least === 'info' || least === 'debug') ? 'warn' : least,
    logsSteps: command.isLong === true || form !== undefined,
    ...(form !== undefined && { form }),
  };
}

/** The form of messages about a command line that cannot be read. */
function formOf(argv: readonly string[], env: Environment): (typeof logForms)[number] | undefined {
  const at = argv.findIndex((word) => word === '--log' || word.startsWith('--log='));
  const given = at === -1 ? env['SCAPFEED_LOG'] : (argv[at]!.split('=')[1] ?? argv[at + 1]);
  return logForms.find((form) => form === given);
}

// Everything is written when a command returns. Exiting here saves Node the time to take its heap apart. A process that
// ends in any other way ends without an answer (ending.ts).
const terminal = processTerminal();
removeWhenEnded();
const argv = process.argv.slice(2);
const form = formOf(argv, terminal.env);
if (form !== undefined) terminal.choose({ form, least: 'info', logsSteps: false });
main(argv, terminal).then(
  (code) => process.exit(code),
  (error: unknown) => {
    terminal.failure(error);
    process.exit(failureCode(error));
  },
);
