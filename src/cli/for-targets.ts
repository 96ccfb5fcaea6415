import { hasSeveralTargets, type TargetChoice } from './options/targets.ts';
import { forOneTarget, type OutputChoice, type Writers, writeOutputs } from './outputs.ts';
import type { Terminal } from './terminal.ts';
import { usage } from './usage.ts';

/** What a command has found in an image, as long as that is open. */
export interface TargetResult<Format extends string> {
  /** What CI systems know the image by. */
  name: string;
  /** Of reports about this image alone. */
  writers: Writers<Format>;
  /** Tells stderr what there is to say once reports are written, and returns the exit code. */
  end(terminal: Pick<Terminal, 'err'>): number;
}

/** A command that takes one image or several. */
export interface TargetRun<Format extends string, One extends TargetResult<Format>> {
  command: string;
  asked: TargetChoice;
  outputs: readonly OutputChoice<Format>[];
  terminal: Terminal;
  /** Opens an image and judges it; `use` has it as long as it is open. `name`: what tells it from others of the run. */
  judge<T>(reference: string, terminal: Terminal, use: (found: One) => Promise<T>, name?: string): Promise<T>;
}

/** What a command is asked for, before it opens anything else. @throws USAGE if that is no image */
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
