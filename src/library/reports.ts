import { ScapfeedError } from '../model/error.ts';
import { safeDocument } from '../report/safe-document.ts';
import { plainView, type ReportText, type Writers } from '../report/writers.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { isObject, required, text, that } from './parameters/shape.ts';

/** @internal */
export const writersOf: unique symbol = Symbol('writers');

/** @internal */
export type LibraryWriters<Format extends string> = Readonly<
  Record<Format, (options: WriteReportOptions) => ReportText | Promise<ReportText>>
>;

/** A result that {@link writeReport} can write in the output formats of the corresponding command. */
export interface Reported<Result, Format extends string> {
  /** Plain data. The schema of the same name in `schemas/` describes its JSON form. */
  readonly result: Result;
  /** The formats that {@link writeReport} accepts. */
  readonly formats: readonly Format[];
  /** @internal */
  readonly [writersOf]: LibraryWriters<Format>;
}

/** Options of {@link writeReport}. */
export interface WriteReportOptions {
  /** For `template`: the path of a Mustache template. */
  template?: string;
}

/** @internal */
export const writeReportParameters: ParameterCheck = new ParameterCheck('writeReport', {
  reported: required(
    that(
      'a result',
      (value) => isObject(value) && writersOf in value,
      'pass what judge, explain, comply or another function returned, not its `result` alone',
    ),
  ),
  format: required(text),
  options: optionShapes<WriteReportOptions>({ template: text }),
});

/**
 * Writes a result in one of its formats, with the same bytes as the command with `-o FORMAT`.
 *
 * @param reported - The result of `judge`, `explain`, `verifyFiles`, `comply`, `evalOval`, `diff`, `checkSignatures` or another
 * function that returns one.
 * @param format - One of `reported.formats`.
 * @returns The whole report as text, ending with a line break if the format is line-based.
 * @throws {@link ScapfeedError} `USAGE` when the format does not exist or its template is missing; `FEED_CORRUPT` when a block of
 * the feed does not match its digest. For a scan, the feed must still be open.
 * @example
 * ```ts
 * import { judge, openFeed, readSbom, writeReport } from 'scapfeed';
 *
 * const feed = openFeed('feed');
 * const { image, inventory } = await readSbom('sbom.json');
 * const scan = await judge(inventory, feed, { image });
 * const sarif = JSON.parse(await writeReport(scan, 'sarif'));
 * console.log(sarif.version); // 2.1.0
 * feed.close();
 * ```
 */
export async function writeReport<Format extends string>(
  reported: Reported<unknown, Format>,
  format: NoInfer<Format>,
  options: WriteReportOptions = {},
): Promise<string> {
  writeReportParameters.check([reported, format, options]);
  const writers: Partial<LibraryWriters<Format>> = reported[writersOf];
  const write = Object.hasOwn(writers, format) ? writers[format] : undefined;
  if (!write) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: `this result has no format ${format}`,
      remedy: `use one of ${reported.formats.join(', ')}`,
    });
  }
  const text = safeDocument(format, await write(options));
  return typeof text === 'string' ? text : [...text].join('');
}

/** @internal */
export function reported<Result, Format extends string>(
  result: Result,
  writers: LibraryWriters<Format>,
): Reported<Result, Format> {
  const formats = Object.keys(writers) as Format[];
  return { result, formats, [writersOf]: writers };
}

/** @internal Writers of a task, for text without colors. */
export function boundWriters<Format extends string>(writers: Writers<Format>): LibraryWriters<Format> {
  const bound = Object.entries<Writers<Format>[Format]>(writers).map(([format, write]) => [
    format,
    () => write(plainView),
  ]);
  return Object.fromEntries(bound) as LibraryWriters<Format>;
}

/** @internal A value as the JSON that commands print. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
