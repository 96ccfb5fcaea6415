import type { ManyResults } from '../report/many/results.ts';
import { writersOf } from '../tasks/formats.ts';
import { usage } from '../tasks/given-words.ts';
import { hasSeveralTargets, type TargetChoice } from './options/targets.ts';
import { forOneTarget, writeOutputs } from './outputs.ts';
import type { TargetRun } from './target-run.ts';

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

/** Runs a command on one image or several, and writes its reports; a run on one does not load the code for several. */
export async function forTargets<
  Format extends string,
  Found extends { name: string },
  Facts,
  Many extends ManyResults<Facts>,
>(run: TargetRun<Format, Found, Facts, Many>): Promise<number> {
  const { asked, outputs, reports, terminal } = run;
  const [reference] = asked.operands;
  if (reference === undefined || hasSeveralTargets(asked))
    return (await import('./several-targets.ts')).severalTargets(run);
  terminal.progress(`reading ${reference}`);
  return run.judge(reference, terminal, async ({ found, end }) => {
    await writeOutputs(terminal, forOneTarget(outputs, found.name), writersOf(reports.formats, found));
    return end(terminal);
  });
}
