import { usage } from '../../tasks/given-words.ts';
import { type Arguments, type Command, type CommandEntry, defineCommand } from '../command.ts';
import { shells } from '../manual/completion.ts';
import { readPages } from '../manual/pages.ts';
import type { Terminal } from '../terminal.ts';

const names = Object.keys(shells) as (keyof typeof shells)[];

/** The command that completes all of `commands`, of which it is one. */
export function completionOf(commands: readonly CommandEntry[]): Command {
  async function run({ operands: [name] }: Arguments<object, [string]>, terminal: Terminal): Promise<number> {
    const shell = names.find((each) => each === name);
    // Names of shells are so alike that the nearest one is a guess.
    if (shell === undefined)
      throw usage('completion', `no completion for ${name}`, `use one of ${names.join(', ')}`);
    terminal.document(shells[shell](await readPages(commands)));
    return 0;
  }

  return defineCommand({
    name: 'completion',
    operands: [names.join('|')],
    options: {},
    notes: `The deb and rpm packages install all three scripts. Otherwise load the script when the shell starts: in
~/.bashrc, in ~/.zshrc after compinit, or in ~/.config/fish/config.fish.`,
    examples: ['source <(scapfeed completion bash)', 'scapfeed completion fish | source'],
    run,
  });
}
