import { spawnSync } from 'node:child_process';
import { isatty } from 'node:tty';
import { didYouMean } from '../../model/nearest.ts';
import { usage } from '../../tasks/given-words.ts';
import { flag } from '../../tasks/option.ts';
import { type Arguments, type Command, type CommandEntry, defineCommand } from '../command.ts';
import { helpText, overview } from '../help.ts';
import { mainManPage, manPage } from '../manual/man-page.ts';
import { toolVersion } from '../program.ts';
import type { Terminal } from '../terminal.ts';

const options = { man: flag('write the page for man(1) to stdout') };

/** The command that explains all of `commands`, of which it is one. */
export function helpOn(commands: readonly CommandEntry[]): Command {
  async function run(
    { options: { man }, operands: words }: Arguments<typeof options, ['[COMMAND...]']>,
    terminal: Terminal,
  ): Promise<number> {
    const { page, text } = words.length === 0 ? mainPage() : await pageOf(words.join(' '));
    const isWatched = isatty(1) && !terminal.env['CI'];
    if (man) terminal.document(page);
    else if (!(isWatched && showByMan(page))) terminal.out(text);
    return 0;
  }

  function mainPage(): { page: string; text: string } {
    return { page: mainManPage(commands, toolVersion), text: overview(commands) };
  }

  async function pageOf(name: string): Promise<{ page: string; text: string }> {
    const every = commands.flatMap((one) => [one, ...(one.subcommands ?? [])]);
    const entry = every.find((one) => one.name === name);
    if (!entry) {
      const names = every.map((one) => one.name);
      throw usage('help', `no command ${name}`, didYouMean(name, names));
    }
    const { summary } = entry;
    const command = await entry.load();
    return { page: manPage({ summary, command }, toolVersion), text: helpText(command, summary) };
  }

  return defineCommand({
    name: 'help',
    operands: ['[COMMAND...]'],
    options,
    about:
      'In a terminal, the page is opened by man(1) if that is installed; otherwise the help of the command is printed.',
    examples: ['scapfeed help scan', 'scapfeed help fleet add', 'scapfeed help scan --man | man -l -'],
    run,
  });
}

/** False if man is missing or cannot read from a pipe. */
function showByMan(page: string): boolean {
  const { status } = spawnSync('man', ['-l', '-'], { input: page, stdio: ['pipe', 'inherit', 'inherit'] });
  return status === 0;
}
