import { feedTables } from '../distros/builds.ts';
import { validationText } from '../report/validation-text.ts';
import { schemaOptions, type ValidationParameters } from '../tasks/validate/options.ts';
import { checkFeed as check } from '../validate/feed-files.ts';
import { type ValidationReport, validateFile as validate } from '../validate/index.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { json, type Reported, reported } from './reports.ts';
import { type RunOptions, run } from './run.ts';

/** Options of {@link validateFile}: additional schemas. */
export interface ValidateFileOptions extends RunOptions, ValidationParameters {}

/** The problems of a document. `result.valid` is true when there is no error. */
export type Validation = Reported<ValidationReport, 'json' | 'table'>;

/** @internal */
export const validateFileParameters: ParameterCheck = new ParameterCheck('validateFile', {
  path: required(text),
  options: optionShapes<ValidateFileOptions>({ ...things.runOptions, ...shapesOf(schemaOptions) }),
});

/**
 * Validates an OVAL, XCCDF or tailoring document, or a data stream, against its schemas and against rules that schemas cannot
 * express (references, ids, versions). Same as `scapfeed validate`. Problems are part of the result, not errors.
 *
 * @param path - A document, compressed or not.
 * @throws {@link ScapfeedError} `USAGE` when the document cannot be read or the schema does not exist
 * @example
 * ```ts
 * import { validateFile } from 'scapfeed';
 *
 * const { result } = await validateFile('benchmark.xml');
 * console.log(result.valid, result.schemas); // true []
 * ```
 */
export function validateFile(path: string, options: ValidateFileOptions = {}): Promise<Validation> {
  return run(validateFileParameters, [path, options], async () => {
    const { official, profile } = options;
    const report = await validate(path, {
      ...(official === undefined ? {} : { official }),
      ...(profile ? { profile: 'always' } : {}),
    });
    // The command takes several documents.
    return reported(report, { json: () => json([report]), table: () => validationText(report) });
  });
}

/** The amount of a feed that was checked. */
export interface CheckedFeed {
  /** Number of files, each checked against its digest. */
  files: number;
  /** Number of index lines, each checked against its schema. */
  lines: number;
}

/** @internal */
export const checkFeedParameters: ParameterCheck = new ParameterCheck('checkFeed', {
  directory: required(text),
  options: optionShapes<RunOptions>(things.runOptions),
});

/**
 * Checks a whole feed: the manifest, the size and digest of every file, and every line of every index. Same as
 * `scapfeed validate` for a feed's folder.
 *
 * @throws {@link ScapfeedError} `FEED_CORRUPT`, `FEED_MISSING`
 * @example
 * ```ts
 * import { checkFeed } from 'scapfeed';
 *
 * const { files, lines } = await checkFeed('feed');
 * console.log(files > 0, lines > files); // true true
 * ```
 */
export function checkFeed(directory: string, options: RunOptions = {}): Promise<CheckedFeed> {
  return run(checkFeedParameters, [directory, options], () => check(directory, feedTables()));
}
