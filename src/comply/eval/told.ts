import { type EvaluatedDefinition, isUnsettled, needsAction } from '../../model/index.ts';

/** Whether the default view lists a definition. */
export function isTold(definition: Pick<EvaluatedDefinition, 'class' | 'result'>): boolean {
  return needsAction(definition) || isUnsettled(definition);
}
