import { oneOf, usage } from '../../tasks/given-words.ts';

import { type Arguments, type Command, type CommandEntry, defineCommand } from '../command.ts';
import { outputs } from '../outputs.ts';

/** `scapfeed fleet`, for help and completion: what its commands are, and all of their options. */
export async function fleetOf(entries: readonly CommandEntry[]): Promise<Command> {
  const words = entries.map(({ name }) => name.split(' ')[1]!);
  const own = await Promise.all(entries.map((entry) => entry.load()));
  const options = {
    ...Object.assign({}, ...own.map((command) => command.options)),
    output: outputs('fleet'),
  };
  const column = Math.max(...words.map((word) => word.length)) + 2;
  return defineCommand({
    name: 'fleet',
    operands: [words.join('|'), '[ARGUMENT...]'],
    // Each subcommand has arguments that the others do not have.
    synopsis: 'COMMAND [ARGUMENT...] [OPTIONS]',
    about: entries.map(({ summary }, at) => `  ${words[at]!.padEnd(column)}${summary}`).join('\n'),
    options,
    notes: '`scapfeed fleet COMMAND --help` lists the options and arguments of a command.',
    examples: ['scapfeed fleet add registry.example/app:1 && scapfeed fleet run && scapfeed fleet news'],
    // The command's name comes first: then main() has called it itself.
    run: async ({ operands: [name] }: Arguments<object, [string, '[ARGUMENT...]']>) => {
      oneOf(words, name, { command: 'fleet', flag: 'fleet' }, { noun: 'command' });
      throw usage('fleet', `options come after ${name}`, `write it as scapfeed fleet ${name} [OPTIONS]`);
    },
  });
}
