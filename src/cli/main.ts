import { nearest, ScapfeedError } from '../model/index.ts';
import { parseCommand } from './command.ts';
import { commands } from './commands/index.ts';
import { failureCode, failureLines } from './failure.ts';
import { definitions, helpText, wrap } from './help.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { toolVersion } from './version.ts';

/** Runs one command and returns its exit code. Failures are printed below: what, where, what to do next. */
async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version' || name === '-V') {
    terminal.out(`scapfeed ${toolVersion}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.out(overview());
    return name === undefined ? 2 : 0;
  }
  const entry = commands.find((candidate) => candidate.name === name);
  if (!entry) {
    const near = nearest(
      name,
      commands.map((candidate) => candidate.name),
    );
    throw new ScapfeedError({
      code: 'USAGE',
      message: `no command ${name}`,
      remedy: near ? `did you mean \`scapfeed ${near}\`?` : 'see `scapfeed --help`',
    });
  }
  const command = await entry.load();
  const args = parseCommand(command, rest);
  if (!args) {
    terminal.out(helpText(command, entry.summary));
    return 0;
  }
  return command.run(args, args.unpaged ? withoutPager(terminal) : terminal);
}

function withoutPager({ page: _, ...terminal }: Terminal): Terminal {
  return terminal;
}

function overview(): string {
  return [
    wrap("scapfeed compiles Linux vendors' security data into offline feeds and judges images by them."),
    '\nUsage: scapfeed COMMAND [OPTIONS]\n\n',
    definitions(commands.map(({ name, summary }) => [name, summary])),
    '\nEvery command has --help with an example.\n\nExit codes:\n',
    definitions([
      ['0', 'fine'],
      ['1', 'findings at or above the policy'],
      ['2', 'wrong use, an image or file that cannot be read or written, or an internal error'],
      [
        '3',
        'the feed or content is missing, stale, invalid or not to be trusted, or the input of a build cannot be used',
      ],
      ['4', 'not covered: nothing is known about the image or about a part of it'],
    ]),
  ].join('');
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
