import { readOvalVariables, wantedInspection, wantedPredicate } from '../comply/index.ts';
import { inventoryWanted } from '../inventory/index.ts';
import { readContentPart } from '../io/read-at-most.ts';
import type { OvalEvaluation } from '../model/compliance/index.ts';
import { stableImageName } from '../report/scan/words.ts';
import { type EvaluationFormat, evaluationReports } from '../tasks/eval/formats.ts';
import { evaluationOutcome, requireApplying } from '../tasks/eval/gate.ts';
import { type EvalOptions, evalOptions } from '../tasks/eval/options.ts';
import { evaluateOvalOn, openOval, openOvalSubject, requireDefinition } from '../tasks/eval/run.ts';
import { writersOf } from '../tasks/formats.ts';
import { parameterNames } from '../tasks/outcome.ts';
import { type OpenImageOptions, openFor, timeOf } from './image.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { date, required } from './parameters/shape.ts';
import { openImageOptions, reference as referenceShape } from './parameters/things.ts';
import { type GateResult, gateResult } from './policy.ts';
import { boundWriters, type Reported, reported } from './reports.ts';
import { run } from './run.ts';

/** Options of {@link evalOval}: the content and definitions, and how the image is opened. */
export interface EvalOvalOptions extends OpenImageOptions, EvalOptions {
  /** The time of the evaluation. Default: now. */
  now?: Date;
}

/** The results of OVAL definitions. */
export interface EvaluationReport extends Reported<OvalEvaluation, EvaluationFormat> {
  /** The outcome of `failOn` and the options that accept what is unknown, as the exit code of `scapfeed eval`. */
  readonly policy: GateResult;
}

/** @internal */
export const evalOvalParameters: ParameterCheck = new ParameterCheck('evalOval', {
  reference: referenceShape,
  options: required(
    optionShapes<EvalOvalOptions>({
      ...openImageOptions,
      ...shapesOf(evalOptions),
      now: date,
    }),
  ),
});

/**
 * Evaluates any vendor's OVAL definitions on an image. Same as `scapfeed eval`. The definitions are evaluated in one step, and a
 * cancellation takes effect only after it.
 *
 * @param reference - An image in the syntax of {@link openImage}, or `sbom:FILE`, of which only packages are known: what depends on
 * files is `unknown`.
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `SOURCE_TOO_LARGE`; `PLATFORM_NOT_COVERED` when the
 * content is for another platform; `USAGE` when a definition does not exist; and the errors of {@link openImage}
 * @example
 * ```ts
 * import { evalOval } from 'scapfeed';
 *
 * const { result } = await evalOval('dir:image', {
 *   content: 'definitions.xml',
 *   variables: 'variables.xml',
 *   all: true,
 * });
 * console.log(result.definitions.map(({ id, result: value }) => `${id} ${value}`));
 * ```
 */
export function evalOval(reference: string, options: EvalOvalOptions): Promise<EvaluationReport> {
  return run(evalOvalParameters, [reference, options], async (report) => {
    const { content: path, definitions, classes, variables, all = false } = options;
    report(`reading ${path}`);
    const external =
      variables === undefined ? undefined : readOvalVariables(readContentPart(variables), variables);
    const content = await openOval(path, external);
    for (const id of definitions ?? []) requireDefinition(content, id, 'definitions');
    report(`reading ${reference}`);
    const contentWanted = wantedPredicate(content.wanted);
    const wanted = (file: string) => inventoryWanted(file) || contentWanted(file);
    const subject = await openOvalSubject(reference, () =>
      openFor(reference, options, wanted, wantedInspection(content.wanted)),
    );
    try {
      report(`evaluating ${reference}`);
      const { evaluation, evaluated } = await evaluateOvalOn(content, subject, {
        definitions,
        classes,
        external,
        all,
        isReported: true,
        date: timeOf(options),
      });
      requireApplying(evaluation);
      const name = stableImageName(subject.image.reference);
      const found = { name, evaluation, oval: evaluated.oval };
      return {
        ...reported(evaluation, boundWriters(writersOf(evaluationReports.formats, found))),
        policy: gateResult(evaluationOutcome(evaluation, options, parameterNames)),
      };
    } finally {
      subject.image.close();
    }
  });
}
