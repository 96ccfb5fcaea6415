import type { TargetRun } from './for-targets.ts';
import type { FoundEvaluation } from './found-evaluation.ts';
import type { FormatOf } from './output-formats.ts';

/** Evaluates on several images; a run on one does not load the code for it. */
export async function evaluateSeveral(run: TargetRun<FormatOf<'eval'>, FoundEvaluation>): Promise<number> {
  return (await import('./eval-targets.ts')).evaluationTargets(run);
}
