import { exportNames } from '../../export/target-names.ts';
import { type AssessmentPartName, assessmentParts } from '../../published/assessment-parts.ts';
import { registryOptions } from '../image/options.ts';
import {
  age,
  choice,
  flag,
  inLibrary,
  ofCommandLine,
  path,
  repeatable,
  required,
  text,
  withDefault,
} from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** The parts of a published feed. */
export interface FeedPartsParameters {
  /** Ids of platforms, or prefixes of them: `rhel-*`. Default: all; for a pull, those pulled before. */
  platforms?: readonly string[];
  /** Parts to leave out: `ratings`, `exploited`, `epss`. */
  without?: readonly AssessmentPartName[];
}

/** Further parts of a pull. */
export interface PullPartsParameters extends FeedPartsParameters {
  /** Pulls OVAL and data streams. */
  oval?: boolean;
  /** Pulls the feed's SCAP content. */
  content?: boolean;
  /** Pulls the feed's keys and roots for image signatures. */
  trust?: boolean;
}

const without = repeatable(choice(assessmentParts, 'leave this out: %', { metavar: 'PARTS', noun: 'part' }), {
  commas: true,
});

/** The options of {@link PullPartsParameters}. */
export const pullPartsOptions = {
  platform: inLibrary(
    'platforms',
    repeatable(
      text(
        'ID',
        "only this platform, or those that match a pattern: 'rhel-*' (default: those already pulled, at first " +
          'all). RHEL without its layered products is marked in every scan',
      ),
    ),
  ),
  without,
  oval: flag('also pull OVAL and data streams (default: only the index, which is enough for a scan)'),
  content: flag("also pull the feed's SCAP content, for `comply` and `check`"),
  trust: flag("also pull the feed's keys and roots for image signatures; later pulls update them"),
} satisfies OptionTableOf<PullPartsParameters, { platform: 'platforms' }>;

/** The options of `pull`. */
export const pullOptions = {
  from: repeatable(
    text(
      'PLACE',
      'a published feed: URL, oci://HOST/NAME[:TAG|@DIGEST], folder, OCI layout (oci:DIR[:TAG]) or bundle; several are ' +
        'mirrors, tried in turn',
    ),
  ),
  'trust-root': path(
    'FILE',
    "the publisher's root.json, obtained from a trusted source other than PLACE; needed once",
  ),
  ...pullPartsOptions,
  export: ofCommandLine(
    choice(exportNames, 'pull its layout for this scanner instead of the feed: %', {
      metavar: 'TARGET',
      noun: 'target',
    }),
  ),
  into: ofCommandLine(
    path(
      'DIR',
      "with --export: the scanner's own folder: Trivy's cache, osv-scanner's database, debsecan's source",
    ),
  ),
  out: path('DIR', 'the output folder (default: XDG_DATA_HOME/scapfeed/feed, which scan reads)'),
  'max-age': {
    ...age(
      'for a folder or bundle: accept signatures that have expired (three days after publish, by default) if they are ' +
        'not older than AGE: 36h, 30d or 30 (days); 0 for any age',
    ),
    // SCAPFEED_MAX_AGE is the age of the data that scans accept; expired signatures are accepted by this command's own word.
    variable: 'nobody' as const,
  },
  ...registryOptions,
};

/** The options of {@link FeedPartsParameters} in a bundle. */
export const bundlePartsOptions = {
  platform: inLibrary(
    'platforms',
    repeatable(text('ID', "only this platform, or those that match a pattern: 'rhel-*' (default: all)")),
  ),
  without,
} satisfies OptionTableOf<FeedPartsParameters, { platform: 'platforms' }>;

/** The options of `bundle`. */
export const bundleOptions = {
  from: required(
    text('PLACE', 'a published feed: folder, URL, oci://HOST/NAME[:TAG|@DIGEST] or OCI layout'),
    'specify a published folder, URL or oci://HOST/NAME',
  ),
  ...bundlePartsOptions,
  'no-oval': inLibrary('oval', flag('without OVAL and data streams')),
  'no-content': inLibrary('content', flag('without SCAP content')),
  out: withDefault(path('FILE', 'the bundle'), 'feed.bundle'),
  ...registryOptions,
};
