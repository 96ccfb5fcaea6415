import type { ComplianceResult, OvalEvaluation } from '../model/compliance/index.ts';
import { type DescribedFile, describeFile as describe, infoTable } from '../tasks/info/run.ts';
import {
  type BenchmarkFormat,
  benchmarkWriters,
  type OvalResultsFormat,
  ovalResultsWriters,
} from '../tasks/report/formats.ts';
import { type ResultsParameters, reportOptions } from '../tasks/report/options.ts';
import { readResultsFile } from '../tasks/report/read-results.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { boundWriters, json, type Reported, reported } from './reports.ts';
import { type RunOptions, run } from './run.ts';

/** The description of a document: its kind, facts, profiles and counts. */
export type FileDescription = Reported<DescribedFile, 'json' | 'table'>;

/** @internal */
export const describeFileParameters: ParameterCheck = new ParameterCheck('describeFile', {
  path: required(text),
  options: optionShapes<RunOptions>(things.runOptions),
});

/**
 * Identifies and describes a document: SCAP content, results, an SBOM, a feed's manifest and others. Same as `scapfeed info`.
 *
 * @param path - A file, uncompressed or compressed with gzip, bzip2, xz or zstd; at most 512 MB decompressed.
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `SOURCE_MALFORMED`, `SOURCE_TOO_LARGE`
 * @example
 * ```ts
 * import { describeFile } from 'scapfeed';
 *
 * const { result } = await describeFile('benchmark.xml');
 * console.log(result.kind, result.profiles.length); // SCAP source data stream 1
 * ```
 */
export function describeFile(path: string, options: RunOptions = {}): Promise<FileDescription> {
  return run(describeFileParameters, [path, options], async () => {
    const described = await describe(path);
    return reported(described, { json: () => json(described), table: () => infoTable(described) });
  });
}

/** Options of {@link readResults}. */
export interface ReadResultsOptions extends RunOptions, ResultsParameters {}

/** Results of a benchmark. `earlier` is the number of earlier results in the same document. */
export interface BenchmarkResults extends Reported<ComplianceResult, BenchmarkFormat> {
  readonly kind: 'compliance';
  readonly earlier: number;
}

/** Results of OVAL definitions without a benchmark. */
export interface OvalResults extends Reported<OvalEvaluation, OvalResultsFormat> {
  readonly kind: 'oval';
}

/** @internal */
export const readResultsParameters: ParameterCheck = new ParameterCheck('readResults', {
  path: required(text),
  options: optionShapes<ReadResultsOptions>({ ...things.runOptions, ...shapesOf(reportOptions) }),
});

/**
 * Reads results in XCCDF, OVAL or ARF, as scapfeed and oscap write them, or the JSON of {@link comply}. Write them in other
 * formats with {@link writeReport}. Same as `scapfeed report`.
 *
 * @returns The last results in the document.
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `SOURCE_MALFORMED`, `SOURCE_TOO_LARGE`
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { comply, readResults, writeReport } from 'scapfeed';
 *
 * const content = { file: 'benchmark.xml' };
 * const compliance = await comply('dir:image', { content, profile: 'standard' });
 * await writeFile('arf.xml', await writeReport(compliance, 'arf'));
 * const results = await readResults('arf.xml');
 * if (results.kind === 'compliance') console.log(results.result.counts.pass); // 1
 * ```
 */
export function readResults(
  path: string,
  options: ReadResultsOptions = {},
): Promise<BenchmarkResults | OvalResults> {
  return run<BenchmarkResults | OvalResults>(readResultsParameters, [path, options], async () => {
    const { all = false } = options;
    const read = await readResultsFile(path);
    if (read.kind === 'oval') {
      const writers = boundWriters(ovalResultsWriters(read.evaluation, all));
      return { kind: read.kind, ...reported(read.evaluation, writers) };
    }
    const { kind, earlier, result } = read;
    return { kind, earlier, ...reported(result, boundWriters(benchmarkWriters(result, all))) };
  });
}
