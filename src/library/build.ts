import { contentSource, parseContentList } from '../content/index.ts';
import { sources } from '../distros/builds.ts';
import { assessmentSources } from '../enrichment/index.ts';
import type { BuildOutcome } from '../feed/build-feed.ts';
import type { Shrinkage } from '../feed/shrinkage.ts';
import { currentTime } from '../io/clock.ts';
import { createHttp } from '../io/http/create-http.ts';
import { type Manifest, type RatingSource, ratingSources, ScapfeedError } from '../model/index.ts';
import { type CopyFormat, copyFormats } from '../oval/document/copies.ts';
import { defaultKeep } from '../sources/kept-feeds.ts';
import { openSnapshotStore } from '../sources/snapshots.ts';
import { chosenRatings, requireNoneNamed } from '../tasks/build/ratings.ts';
import { buildFromSources, failedSource, type SourceFailureReport } from '../tasks/build/run.ts';
import { isoSeconds } from '../tasks/iso-seconds.ts';
import { requireMirror } from '../tasks/require-folder.ts';
import { toolVersion } from '../tasks/tool-version.ts';
import { withParameters } from './parameters/own-words.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { anyText, count, date, flag, listOf, oneOf, required, text } from './parameters/shape.ts';
import { networkOptions, runOptions, texts } from './parameters/things.ts';
import { environment, type NetworkOptions, type RunOptions, run } from './run.ts';

/** Options of {@link build}: sources, options for fetching, and the output folder. */
export interface BuildOptions extends RunOptions, Omit<NetworkOptions, 'insecureRegistries'> {
  /** The feed's output folder. It is replaced as a whole at the end of the build. */
  out: string;
  /** The folder where fetched documents are kept between builds. */
  snapshots: string;
  /**
   * Ids of the sources to build from: distributions (`debian`) and assessments (`nvd`, `kev`, `epss`, `cve-records`). Default:
   * all.
   */
  sources?: readonly string[];
  /**
   * `false` reads no ratings, and none may be named in `sources`. By default the assessments are also read if `sources` names distributions only and one of them rates few of
   * its flaws or none (`debian`, `alpine`).
   */
  ratings?: boolean;
  /** Ids of the platforms to build. Default: every platform of the sources. */
  platforms?: readonly string[];
  /**
   * Text of a list of SCAP content in the form of `feeds/content.json`, or `ssg` for the SCAP Security Guide of that list.
   * Default: none.
   */
  content?: string;
  /** Builds from the existing snapshots and fetches nothing. */
  offline?: boolean;
  /**
   * A folder or URL to fetch from: `https://HOST/PATH` is read from `MIRROR/HOST/PATH`. `sample:` is the sample in the package.
   */
  mirror?: string;
  /** Accepts documents that the vendor signs even if the mirror lacks their signature. Requires `mirror`. */
  unsignedMirror?: boolean;
  /** The rating sources that decide a severity, for scans that do not choose their own. */
  severityFrom?: readonly RatingSource[];
  /** Writes OVAL. Default: true. */
  oval?: boolean;
  /** Writes SCAP data streams. */
  scap?: boolean;
  /** Formats of compressed copies of the OVAL. */
  copies?: readonly CopyFormat[];
  /** Fails if any source cannot be updated. By default its last good snapshots are used, and it is listed in `failures`. */
  strict?: boolean;
  /** Number of feeds whose snapshots are kept. Default: 8. */
  keep?: number;
  /** The date in the manifest. Default: the date of the newest document. */
  created?: Date;
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
      out: required(text),
      snapshots: required(text),
      sources: texts,
      ratings: flag,
      platforms: texts,
      content: anyText,
      offline: flag,
      mirror: text,
      unsignedMirror: flag,
      severityFrom: listOf(oneOf(ratingSources)),
      oval: flag,
      scap: flag,
      copies: listOf(oneOf(copyFormats)),
      strict: flag,
      keep: count,
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
  return run(buildParameters, [options], async (report) => {
    const { out, platforms, severityFrom, created, copies = [], offline = false } = options;
    const chosen = [...chosenSources(options), ...chosenContent(options)];
    if (options.ratings === false) requireNoneNamed(options.sources, 'ratings: false');
    const { assessing, areImplied } = chosenRatings(options.sources, options.ratings);
    const { outcome, failures, leftOut } = await buildFromSources({
      sources: chosen,
      assessing,
      ...(areImplied && { impliedRatings: 'ratings: false' }),
      strict: options.strict ?? false,
      keep: options.keep ?? defaultKeep.feeds,
      client: () =>
        offline
          ? undefined
          : {
              http: openHttp(options),
              unsignedMirror: options.unsignedMirror ?? false,
              now: currentTime(),
              progress: report,
            },
      store: openSnapshotStore(options.snapshots),
      out,
      oval: options.oval ?? true,
      dataStreams: options.scap ?? false,
      copies,
      progress: report,
      ...(severityFrom && { severityFrom }),
      ...(created && { created: isoSeconds(created) }),
      ...(platforms && { platforms }),
    });
    const { manifest, oval, shrunk } = outcome;
    for (const { error } of failures) withParameters(error, buildParameters.optionNames());
    const failed = failures.map((failure) => failedSource(failure, outcome));
    return { manifest, oval, failures: failed, leftOut, shrunk };
  });
}

function openHttp(options: BuildOptions) {
  const { mirror, unsignedMirror = false, ca } = options;
  if (unsignedMirror && mirror === undefined)
    throw new ScapfeedError({
      code: 'USAGE',
      message: 'unsignedMirror without a mirror',
      remedy: "specify a mirror; documents from the vendors' own servers are signed",
    });
  if (mirror !== undefined) requireMirror('build', mirror);
  return createHttp({
    userAgent: `scapfeed/${toolVersion}`,
    env: environment(options),
    ...(mirror === undefined ? {} : { mirror }),
    ...(ca === undefined ? {} : { ca }),
  });
}

function chosenSources({ sources: ids }: BuildOptions) {
  const known = [...sources(), ...assessmentSources].map(({ id }) => id);
  const unknown = ids?.find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw new ScapfeedError({
      code: 'USAGE',
      message: `no source ${unknown}`,
      remedy: `use one or more of ${known.join(', ')}`,
    });
  const chosen = sources().filter(({ id }) => ids?.includes(id) ?? true);
  if (chosen.length > 0) return chosen;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'no distribution among the sources: there would be nothing to rate',
    remedy: `add one of ${sources()
      .map(({ id }) => id)
      .join(', ')}`,
  });
}

function chosenContent({ content }: BuildOptions) {
  if (content === undefined) return [];
  if (content === 'ssg') return [contentSource(toolVersion)];
  return [contentSource(toolVersion, parseContentList(content, 'options.content'))];
}
