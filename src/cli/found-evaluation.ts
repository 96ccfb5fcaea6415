import type { OvalEvaluation } from '../model/index.ts';
import type { TargetResult } from './for-targets.ts';
import type { FormatOf } from './output-formats.ts';
import type { ReportView } from './outputs.ts';

/** An image on which OVAL was evaluated. */
export interface FoundEvaluation extends TargetResult<FormatOf<'eval'>> {
  evaluation: OvalEvaluation;
  table(view: ReportView): string;
}
