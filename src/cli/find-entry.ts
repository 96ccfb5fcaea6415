import { ScapfeedError } from '../model/error.ts';
import { formerCommands } from '../model/former-words.ts';
import { nearest } from '../model/nearest.ts';
import type { CommandEntry } from './command.ts';
import { ownCommand } from './words-of-others.ts';

/** The command that a command line begins with, of one word or two, and what follows it. @throws {ScapfeedError} USAGE */
export function findEntry(
  argv: readonly string[],
  commands: readonly CommandEntry[],
): { entry: CommandEntry; rest: string[] } {
  const first = entryOf(argv[0] ?? '', commands);
  const words = first.subcommands !== undefined && argv[1]?.startsWith('-') === false ? 2 : 1;
  const entry = words === 1 ? first : entryOf(argv.slice(0, words).join(' '), first.subcommands!);
  return { entry, rest: argv.slice(words) };
}

function entryOf(name: string, among: readonly CommandEntry[]): CommandEntry {
  const entry = among.find((candidate) => candidate.name === name);
  if (entry) return entry;
  const names = among.map((candidate) => candidate.name);
  const near = formerCommands.get(name) ?? ownCommand(name) ?? nearest(name, names);
  throw new ScapfeedError({
    code: 'USAGE',
    message: `no command ${name}`,
    remedy: near ? `did you mean \`scapfeed ${near}\`?` : 'see `scapfeed --help`',
  });
}
