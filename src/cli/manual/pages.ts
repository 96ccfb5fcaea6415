import type { Command, CommandEntry } from '../command.ts';

/** A command with its place in the list, for a page of the manual. */
export interface ManualPage {
  summary: string;
  command: Command;
  /** Of the commands that follow its name, as in `fleet add`; options come after these. */
  subpages: readonly ManualPage[];
}

export async function readPages(entries: readonly CommandEntry[]): Promise<ManualPage[]> {
  return Promise.all(
    entries.map(async ({ summary, load, subcommands = [] }) => ({
      summary,
      command: await load(),
      subpages: await readPages(subcommands),
    })),
  );
}

/** Spellings of an option: `-o` alone if it has a letter, as in every command's help. */
export function namesOf(name: string, short: string | undefined): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

/** A short description of an option: its help up to the first clause. */
export function brief(help: string): string {
  return help.split(/[;:(]|\. |, (?=as |for |in |with |so )/)[0]!.trim();
}

/** The words that may stand first after a command: its actions, if it has any. */
export function actionsOf({ operands }: Command): string[] {
  const [first = ''] = operands;
  return /^[a-z-]+(\|[a-z-]+)*$/.test(first) ? first.split('|') : [];
}
