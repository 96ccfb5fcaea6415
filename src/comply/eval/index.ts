import { type Steps, whole } from '../../model/progress.ts';
import type { ImageSystem } from '../probes/probe.ts';
import { allParts } from './all-parts.ts';
import type { OvalContent } from './content.ts';
import { type Evaluated, type EvaluationSettings, evaluateAllInSteps } from './evaluate.ts';
import { evaluateCompiled } from './evaluate-compiled.ts';
import type { CompiledOval } from './load-compiled.ts';

export type { BucketLines } from './buckets.ts';
export { compileOval, compileOvalPieces, diagnosed, type IndexBeside } from './compile.ts';
export type { OvalContent } from './content.ts';
export type { IndexedFile, WrittenFile } from './document-index.ts';
export type { Evaluated, EvaluationSettings } from './evaluate.ts';
export { isCompiledOval, loadCompiledOval } from './load-compiled.ts';
export { isOvalDefinitions, readOvalContent } from './read-document.ts';
export type { ScannedInfo, WrittenElements } from './write-elements.ts';

/** Evaluates OVAL definitions on an image. */
export function evaluateOval(
  content: OvalContent | CompiledOval,
  system: ImageSystem,
  settings: EvaluationSettings,
): Evaluated {
  return whole(evaluateOvalInSteps(content, system, settings));
}

/** The same with a pause before each definition. */
export function evaluateOvalInSteps(
  content: OvalContent | CompiledOval,
  system: ImageSystem,
  settings: EvaluationSettings,
): Steps<Evaluated> {
  // Chosen definitions are few, and are evaluated as from XML.
  return 'head' in content && settings.definitions === undefined
    ? evaluateCompiled(content, system, settings, allParts)
    : evaluateAllInSteps(content, system, settings);
}
export { XmlProblem } from '../xml/scan-parts.ts';
