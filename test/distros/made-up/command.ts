import { parseCommand } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands/index.ts';
import { failureCode } from '../../../src/cli/failure.ts';
import type { CliResult } from '../../support/cli.ts';
import { silentTerminal } from '../../support/silent-terminal.ts';

/** Runs a command in this process, where made-up distributions are registered. */
export async function command(
  argv: readonly string[],
  env: Record<string, string | undefined>,
): Promise<CliResult> {
  const result: CliResult = { code: null, out: '', err: '' };
  const terminal = silentTerminal(env, {
    out: (text) => {
      result.out += text;
    },
    err: (line) => {
      result.err += `${line}\n`;
    },
  });
  const [name, ...rest] = argv;
  try {
    const loaded = await commands.find((entry) => entry.name === name)!.load();
    result.code = await loaded.run(parseCommand(loaded, rest)!, terminal);
  } catch (error) {
    result.code = failureCode(error);
    terminal.failure(error);
  }
  return result;
}
