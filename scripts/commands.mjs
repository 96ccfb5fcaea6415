// The commands as what makes programs of them needs them: by where their code goes (src/cli/command.ts, `bundle`).
import { commands } from '../src/cli/commands/index.ts';

/** `fleet add` is in fleet/add.ts. */
export const fileOf = (name) => name.replace(' ', '/');

/** Commands and their subcommands. */
export const every = commands.flatMap((entry) => [entry, ...(entry.subcommands ?? [])]);

/** Files below src/cli/commands, without their ending, of the commands whose code goes there. */
export function filesOf(bundle) {
  return every.filter((entry) => entry.bundle === bundle).map(({ name }) => fileOf(name));
}

/** Flags of V8 by command. */
export const v8Flags = Object.fromEntries(
  commands.flatMap(({ name, v8Flags }) => (v8Flags ? [[name, v8Flags]] : [])),
);
