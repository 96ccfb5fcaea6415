import { parseCommand } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands/index.ts';
import { failureCode, failureLines } from '../../../src/cli/failure.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import type { CliResult } from '../../support/cli.ts';

/** Runs a command in this process, where made-up distributions are registered. */
export async function command(
  argv: readonly string[],
  env: Record<string, string | undefined>,
): Promise<CliResult> {
  const result: CliResult = { code: null, out: '', err: '' };
  const write = (text: string) => {
    result.out += text;
  };
  const terminal: Terminal = {
    out: write,
    document: write,
    err(line) {
      result.err += `${line}\n`;
    },
    progress() {},
    color: false,
    links: false,
    env,
  };
  const [name, ...rest] = argv;
  try {
    const loaded = await commands.find((entry) => entry.name === name)!.load();
    result.code = await loaded.run(parseCommand(loaded, rest)!, terminal);
  } catch (error) {
    result.code = failureCode(error);
    failureLines(error).forEach(terminal.err);
  }
  return result;
}
