import { readCommandLine, runCommand } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { failureCode } from '../../src/cli/failure.ts';
import { findEntry } from '../../src/cli/find-entry.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { CliResult } from './cli.ts';
import { silentTerminal } from './silent-terminal.ts';
import { noHome } from './temporary.ts';

/**
 * Runs a command in the test's own process, without a variable or a file of the user's: for tables of many combinations, where the
 * processes would take most of the time. That a process ends with the same code is what test/cli/ending.test.ts is about.
 */
export async function runHere(
  argv: readonly string[],
  env: Record<string, string> = {},
  more: Pick<Terminal, 'openStore'> = {},
): Promise<CliResult> {
  const written = { out: '', err: '' };
  const silent = silentTerminal(
    { HOME: noHome(), TZ: 'UTC', ...env },
    {
      out: (text) => {
        written.out += text;
      },
      err: (text) => {
        written.err += `${text}\n`;
      },
    },
  );
  const terminal = { ...silent, ...more };
  try {
    const { entry, rest } = findEntry(argv, commands);
    const command = await entry.load();
    const code = await runCommand(command, readCommandLine(command, rest), [], terminal);
    return { code, ...written };
  } catch (error) {
    terminal.failure(error);
    return { code: failureCode(error), ...written };
  }
}
