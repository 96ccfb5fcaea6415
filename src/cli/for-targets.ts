import { usage } from '../tasks/given-words.ts';
import { hasSeveralTargets, type TargetChoice } from './options/targets.ts';
import { forOneTarget, type OutputChoice, type Writers, writeOutputs } from './outputs.ts';
import type { Terminal } from './terminal.ts';

/** A command's result for an image, as long as that is open. */
export interface TargetResult<Format extends string> {
  /** The name by which CI systems identify the image. */
  name: string;
  /** Of reports about this image alone. */
  writers: Writers<Format>;
  /** Writes the messages to stderr that follow the reports, and returns the exit code. */
  end(terminal: Pick<Terminal, 'err'>): number;
}

/** A command that takes one image or several. */
export interface TargetRun<Format extends string, One extends TargetResult<Format>> {
  command: string;
  asked: TargetChoice;
  outputs: readonly OutputChoice<Format>[];
  terminal: Terminal;
  /** Opens an image and judges it; `use` has it as long as it is open. `name` distinguishes it from others of the run. */
  judge<T>(reference: string, terminal: Terminal, use: (found: One) => Promise<T>, name?: string): Promise<T>;
}

/** Reads the images that a command is given, before it opens anything else. @throws USAGE if there is none */
export function askedTargets(
  command: string,
  operands: TargetChoice['operands'],
  { targets }: { targets?: string | undefined },
): TargetChoice {
  if (operands.length === 0 && targets === undefined)
    throw usage(command, 'expected IMAGE... [OPTIONS], found 0 arguments');
  return { operands, ...(targets === undefined ? {} : { file: targets }) };
}

/** Runs a command on one image, or by `several` on more; a run on one does not load the code for several. */
export async function forTargets<Format extends string, One extends TargetResult<Format>>(
  run: TargetRun<Format, One>,
  several: (run: TargetRun<Format, One>) => Promise<number>,
): Promise<number> {
  const { asked, outputs, terminal } = run;
  const [reference] = asked.operands;
  if (reference === undefined || hasSeveralTargets(asked)) return several(run);
  terminal.progress(`reading ${reference}`);
  return run.judge(reference, terminal, async (found) => {
    await writeOutputs(terminal, forOneTarget(outputs, found.name), found.writers);
    return found.end(terminal);
  });
}
