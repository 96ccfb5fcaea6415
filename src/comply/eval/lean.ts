import { isUnsettled, type Steps } from '../../model/index.ts';
import { packageCollector, packageTypes } from '../probes/package-collector.ts';
import type { ImageSystem } from '../probes/probe.ts';
import type { Evaluated, EvaluationSettings } from './evaluate.ts';
import { type EvaluationParts, evaluateCompiled } from './evaluate-compiled.ts';
import type { CompiledOval } from './load-compiled.ts';

/**
 * Evaluates compiled OVAL with little code: a run that lists packages in a table ends before more of it is loaded. `isReported`:
 * reports show the evidence, or the OVAL results. `finish` does the work that pauses.
 */
export async function evaluateLean(
  content: CompiledOval,
  system: ImageSystem,
  settings: Omit<EvaluationSettings, 'definitions'>,
  isReported: boolean,
  finish: <T>(steps: Steps<T>) => Promise<T>,
): Promise<Evaluated> {
  const isPackages = content.documents.every(({ testTypes }) =>
    testTypes.every((type) => packageTypes.includes(type)),
  );
  if (isPackages && !isReported) {
    const evaluated = await finish(evaluateCompiled(content, system, settings, packageParts));
    // A table says why a definition has no result, which is in its evidence.
    if (!evaluated.definitions.some(isUnsettled)) return evaluated;
  }
  return finish(evaluateCompiled(content, system, settings, (await import('./all-parts.ts')).allParts));
}

const packageParts: EvaluationParts = {
  collector: packageCollector,
  ovalData: notLoaded,
};

function notLoaded(): never {
  throw new Error('the report shows what was not asked for');
}
