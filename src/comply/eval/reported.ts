import { isUnsettled, needsAction } from '../../model/compliance/index.ts';

/** Whether the default view lists a definition. */
export function isReported(definition: Parameters<typeof isUnsettled>[0]): boolean {
  return needsAction(definition) || isUnsettled(definition);
}
