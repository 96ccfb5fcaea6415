import { isUnsettled } from '../../model/compliance/index.ts';
import type { Steps } from '../../model/progress.ts';
import { collectBy } from '../oval/conditions.ts';
import type { ObjectCollector } from '../oval/engine.ts';
import { failure } from '../oval/items.ts';
import { dpkgPackages, packagesNamed, rpmPackages } from '../probes/packages.ts';
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

/** Object types for packages. */
const packageTypes: readonly string[] = ['linux/dpkginfo', 'linux/rpminfo'];

/** Collects packages as imageCollector does, without the code for anything else. */
function packageCollector(system: ImageSystem): ObjectCollector {
  const context = { system };
  return (object, _id, variables) => {
    if (!packageTypes.includes(object.type))
      return failure('not collected', `objects of the type ${object.type} are not packages`);
    const named = packagesNamed(object, context);
    if (named) return named;
    return collectBy(object, variables, (conditions) =>
      (object.type === 'linux/rpminfo' ? rpmPackages : dpkgPackages)(conditions, context),
    );
  };
}
