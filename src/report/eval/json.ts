import type { OvalEvaluation } from '../../model/index.ts';

/** The evaluation as JSON. */
export function evaluationJson(evaluation: OvalEvaluation): string {
  return `${JSON.stringify(evaluation, undefined, 2)}\n`;
}
