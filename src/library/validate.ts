import { feedTables } from '../distros/builds.ts';
import { validationText } from '../report/validation-text.ts';
import { checkFeed as check } from '../validate/feed-files.ts';
import { type ValidationReport, validateFile as validate } from '../validate/index.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { flag, required, text } from './door/shape.ts';
import * as things from './door/things.ts';
import { json, type Reported, reported } from './reports.ts';
import { type RunOptions, run } from './run.ts';

/** By what a document is checked beside the rules of its language. */
export interface ValidateFileOptions extends RunOptions {
  /** The folder of the official schemas, as Debian's openscap-common lays them out. */
  official?: string;
  /** Our own, stricter schemas for a document that is not ours too. */
  profile?: boolean;
}

/** What is wrong with a document. `result.valid`: no error was found. */
export type Validation = Reported<ValidationReport, 'json' | 'table'>;

/** @internal */
export const validateFileDoor: Door = new Door('validateFile', {
  path: required(text),
  options: optionShapes<ValidateFileOptions>({ ...things.runOptions, official: text, profile: flag }),
});

/**
 * Checks an OVAL, XCCDF or tailoring document, or a data stream: its schemas, and what no schema says (references, ids, versions):
 * what `scapfeed validate` does. Problems are the result, not an error.
 *
 * @param path - A document, plain or compressed.
 * @throws {@link ScapfeedError} `USAGE`: it cannot be read, or there is no such schema
 * @example
 * ```ts
 * import { validateFile } from 'scapfeed';
 *
 * const { result } = await validateFile('benchmark.xml');
 * console.log(result.valid, result.schemas); // true []
 * ```
 */
export function validateFile(path: string, options: ValidateFileOptions = {}): Promise<Validation> {
  return run(validateFileDoor, [path, options], async () => {
    const { official, profile } = options;
    const report = await validate(path, {
      ...(official === undefined ? {} : { official }),
      ...(profile ? { profile: 'always' } : {}),
    });
    // The command takes several documents.
    return reported(report, { json: () => json([report]), table: () => validationText(report) });
  });
}

/** How much of a feed was checked. */
export interface CheckedFeed {
  /** Files, each with its digest. */
  files: number;
  /** Lines of indexes, each by its schema. */
  lines: number;
}

/** @internal */
export const checkFeedDoor: Door = new Door('checkFeed', {
  directory: required(text),
  options: optionShapes<RunOptions>(things.runOptions),
});

/**
 * Checks a whole feed: the manifest, the size and digest of every file, every line of every index: what `scapfeed validate` does
 * with the folder of a feed.
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
  return run(checkFeedDoor, [directory, options], () => check(directory, feedTables()));
}
