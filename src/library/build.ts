import type { BuildOutcome } from '../feed/build-feed.ts';
import type { Shrinkage } from '../feed/shrinkage.ts';
import type { Manifest } from '../model/feed/index.ts';
import { openSnapshotStore } from '../sources/snapshots.ts';
import { type BuildSettings, buildOptions } from '../tasks/build/options.ts';
import { buildFromSources, failedSource, type SourceFailureReport } from '../tasks/build/run.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { withParameters } from './parameters/own-words.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { anyText, date, required, text } from './parameters/shape.ts';
import { networkOptions, runOptions, texts } from './parameters/things.ts';
import { environment, type NetworkOptions, type RunOptions, run } from './run.ts';

/** Options of {@link build}: sources, options for fetching, and the output folder. */
export interface BuildOptions extends RunOptions, Omit<NetworkOptions, 'insecureRegistries'>, BuildSettings {
  /** The folder where fetched documents are kept between builds. */
  snapshots: string;
}

/** The result of a build, as `scapfeed build -o json` prints it. */
export interface BuildResult {
  manifest: Manifest;
  /** Differences of the OVAL from the index that OVAL cannot express, by platform. */
  oval: BuildOutcome['oval'];
  /** Sources that could not be updated, and what the feed contains of each instead. */
  failures: readonly SourceFailureReport[];
  /** Assessments that `sources` does not name and that are not there: the feed is without them. */
  leftOut: readonly string[];
  /** Parts of the feed that are much smaller than in the feed that `out` held before. */
  shrunk: readonly Shrinkage[];
}

const { insecureRegistries: _, ...httpOptions } = networkOptions;

/** @internal */
export const buildParameters: ParameterCheck = new ParameterCheck('build', {
  options: required(
    optionShapes<BuildOptions>({
      ...runOptions,
      ...httpOptions,
      ...shapesOf(buildOptions),
      out: required(text),
      snapshots: required(text),
      sources: texts,
      content: anyText,
      created: date,
    }),
  ),
});

/**
 * Fetches the vendors' documents, compiles them and replaces the feed in `out`. The same documents give the same bytes. If the
 * build fails or is cancelled, the previous feed is unchanged and documents already fetched are kept.
 *
 * @throws {@link ScapfeedError} `FETCH_*`, `SOURCE_*`, `SNAPSHOT_*` (each only with `strict`, or when no source is left);
 * `FEED_LOCKED` when another build uses these snapshots; `OUTPUT_NOT_WRITABLE`, `DISK_FULL`, `PLATFORM_UNKNOWN`, `CONTENT_MALFORMED`, `USAGE`
 * @example
 * ```ts
 * import { build } from 'scapfeed';
 *
 * const { manifest, failures } = await build({
 *   out: 'built',
 *   snapshots: 'snapshots',
 *   sources: ['debian'],
 *   ratings: false, // leave it out to read NVD's and others' ratings too
 *   mirror: 'sample:', // leave it out to fetch from the vendors
 *   unsignedMirror: true,
 *   onProgress: ({ step }) => console.log(step),
 * });
 * console.log(manifest.platforms.length, failures.length); // 5 0
 * ```
 */
export function build(options: BuildOptions): Promise<BuildResult> {
  return run(buildParameters, [options], async (progress) => {
    const { snapshots, ca, ...settings } = options;
    const { outcome, failures, leftOut } = await buildFromSources(settings, {
      store: openSnapshotStore(snapshots),
      http: { env: environment(options), ...(ca === undefined ? {} : { ca }) },
      contentPlace: 'options.content',
      progress,
    });
    const { manifest, oval, shrunk } = outcome;
    for (const { error } of failures) withParameters(error, buildParameters.optionNames());
    const failed = failures.map((failure) => failedSource(failure, outcome));
    return { manifest, oval, failures: failed, leftOut, shrunk };
  });
}
