import { sources } from '../../distros/builds.ts';
import { assessmentSources } from '../../enrichment/index.ts';
import { exportNames } from '../../export/target-names.ts';
import type { RatingSource } from '../../model/feed/index.ts';
import { type CopyFormat, copyFormats } from '../../oval/document/copies.ts';
import type { FetchedSource } from '../../sources/contract.ts';
import { defaultKeep } from '../../sources/kept-feeds.ts';
import {
  choice,
  flag,
  inLibrary,
  number,
  type Option,
  ofCommandLine,
  path,
  repeatable,
  text,
  withDefault,
} from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';
import { ratingOrder } from '../scan/rating-order.ts';
import { snapshotOptions } from '../snapshots/options.ts';

/** Options of a build: sources, how they are fetched, and what is written. */
export interface BuildSettings {
  /** The feed's output folder. It is replaced as a whole at the end of the build. */
  out: string;
  /**
   * Ids of the sources to build from: distributions (`debian`) and assessments (`nvd`, `kev`, `epss`, `cve-records`). Default:
   * all but those whose terms restrict what is made of their data (`chainguard`, `wolfi`) or are not stated (`eukev`), or, of the mirror `sample:`, those that `docs/tour.md` shows.
   * `all` stands for all but those.
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
  /** Text of a list of VEX repositories (`schemas/vex-list.schema.json`), whose documents the feed carries. Default: none. */
  vexRepositories?: string;
  /** Builds from the existing snapshots and fetches nothing. */
  offline?: boolean;
  /**
   * A folder or URL to fetch from: `https://HOST/PATH` is read from `MIRROR/HOST/PATH`. `sample:` is the sample in the package.
   */
  mirror?: string;
  /** Accepts documents that the vendor signs even if the mirror lacks their signature, as most of `sample:` do. Requires `mirror`. */
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

/** The name of all sources but those that are built by name only. */
export const everySource = 'all';

/** The options of {@link BuildSettings}. */
export const buildOptions = {
  source: inLibrary(
    'sources',
    repeatable(
      choice(
        [everySource, ...sourceIds()],
        `read only this source: % (default: all but ${restrictedIds().join(', ')}, whose terms restrict what is made of their ` +
          `data or are not stated, which is \`all\`, or, of \`--mirror sample:\`, those of its tour); the last ${assessmentSources.length} only add ` +
          'ratings to the statements of the others, and are also read for distributions that rate too little',
        { metavar: 'ID', noun: 'source' },
      ),
      { commas: true },
    ),
  ),
  'no-ratings': inLibrary(
    'ratings',
    flag('read no ratings for distributions that rate few of their flaws or none'),
  ),
  platform: inLibrary(
    'platforms',
    repeatable(text('ID', 'build only this platform (default: all that the sources have)')),
  ),
  content: text(
    'ssg|FILE',
    "also include SCAP content for the feed's platforms. ssg: the SCAP Security Guide, as listed in this " +
      "package's feeds/content.json; FILE: your own list",
  ),
  'vex-repositories': inLibrary(
    'vexRepositories',
    path(
      'FILE',
      'also carry the documents of VEX repositories: a list of them, for scans with --vex feed:NAME',
    ),
  ),
  out: withDefault(path('DIR', 'output folder; replaced as a whole at the end'), 'out'),
  offline: flag('use the existing snapshots, fetch nothing'),
  ...snapshotOptions,
  'unsigned-mirror': flag(
    'accept documents whose vendor signature is missing from the mirror or has expired; feeds and scans ' +
      'mark the result as unsigned_input',
  ),
  'severity-from': ratingOrder('the default order of rating sources for scans of this feed (default: %)'),
  'no-oval': inLibrary('oval', flag('index only')),
  strict: flag('fail if a source cannot be updated; without this option, its last good snapshots are used'),
  keep: withDefault(
    number('number of feeds whose snapshots are kept for `validate --rebuild`, for 60 days at most'),
    defaultKeep.feeds,
  ),
  scap: flag(
    'also write a SCAP 1.3 data stream (XCCDF, OVAL, CPE) for each platform to scap/, and its XCCDF ' +
      'benchmark as a separate file, which refers to the files in oval/',
  ),
  copies: repeatable(
    choice(copyFormats, 'also write compressed copies of the OVAL: %', {
      metavar: 'FORMATS',
      noun: 'compressed form',
    }),
    { commas: true },
  ),
  export: ofCommandLine(
    repeatable(
      choice(exportNames, 'also write this layout for another scanner, like `export`: %', {
        metavar: 'TARGET',
        noun: 'target',
      }),
      { commas: true },
    ),
  ),
  exports: ofCommandLine(withDefault(path('DIR', 'with --export: output folder'), 'exports')),
} satisfies OptionTableOf<
  Omit<BuildSettings, 'created'> & { snapshots: string },
  {
    source: 'sources';
    'no-ratings': 'ratings';
    platform: 'platforms';
    'no-oval': 'oval';
    'vex-repositories': 'vexRepositories';
  }
> & { export: Option; exports: Option };

/** Ids of all sources: distributions, then those that only rate. */
export function sourceIds(): string[] {
  return allSources().map(({ id }) => id);
}

/** The same without those whose licence restricts what is made of their data: they are built by name only. */
export function usualSourceIds(): string[] {
  return allSources()
    .filter(({ terms, byNameOnly }) => terms !== 'restricted' && !byNameOnly)
    .map(({ id }) => id);
}

function restrictedIds(): string[] {
  return allSources()
    .filter(({ terms, byNameOnly }) => terms === 'restricted' || byNameOnly)
    .map(({ id }) => id);
}

/** Distributions, then sources that only rate. */
export function allSources(): FetchedSource[] {
  return [...sources(), ...assessmentSources];
}
