import { nearest, ScapfeedError } from '../model/index.ts';
import { type CommandEntry, parseCommand } from './command.ts';
import { commands } from './commands/index.ts';
import { failureCode, failureLines } from './failure.ts';
import { helpText } from './help.ts';
import { overview } from './overview.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { toolVersion } from './version.ts';

/** Runs one command and returns its exit code. Failures are printed below: what, where, what to do next. */
async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name] = argv;
  if (name === '--version' || name === '-V') {
    terminal.out(`scapfeed ${toolVersion}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h') {
    terminal.out(overview(commands));
    return name === undefined ? 2 : 0;
  }
  const first = entryOf(name, commands);
  const words = first.subcommands !== undefined && argv[1]?.startsWith('-') === false ? 2 : 1;
  const entry = words === 1 ? first : entryOf(argv.slice(0, words).join(' '), first.subcommands!);
  const command = await entry.load();
  const args = parseCommand(command, argv.slice(words));
  if (!args) {
    terminal.out(helpText(command, entry.summary));
    return 0;
  }
  return command.run(args, args.unpaged ? withoutPager(terminal) : terminal);
}

function entryOf(name: string, among: readonly CommandEntry[]): CommandEntry {
  const entry = among.find((candidate) => candidate.name === name);
  if (entry) return entry;
  const near = nearest(
    name,
    among.map((candidate) => candidate.name),
  );
  throw new ScapfeedError({
    code: 'USAGE',
    message: `no command ${name}`,
    remedy: near ? `did you mean \`scapfeed ${near}\`?` : 'see `scapfeed --help`',
  });
}

function withoutPager({ page: _, ...terminal }: Terminal): Terminal {
  return terminal;
}

// Everything is written when a command returns. Exiting here saves Node the time to take its heap apart. A process that
// ends in any other way ends without an answer (ending.ts).
const terminal = processTerminal();
main(process.argv.slice(2), terminal).then(
  (code) => process.exit(code),
  (error: unknown) => {
    failureLines(error).forEach(terminal.err);
    process.exit(failureCode(error));
  },
);
