import type { CommandEntry } from './command.ts';
import { allOptions } from './common-options.ts';
import type { OptionNames } from './settings.ts';

/**
 * The names of every command's options. The build puts a list in place of this file (scripts/build.mjs): it would take a run that
 * only looks for unknown names half a second to load the code of all commands.
 */
export async function optionNames(commands: readonly CommandEntry[]): Promise<OptionNames> {
  const every = commands.flatMap((entry) => [entry, ...(entry.subcommands ?? [])]);
  const named = every.map(async ({ name, load }) => {
    const options = allOptions(await load());
    return [name, options.map(([option]) => option)] as const;
  });
  return Object.fromEntries(await Promise.all(named));
}
