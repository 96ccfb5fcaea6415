import { streams } from '../../distros/judges.ts';
import { type Severity, severities } from '../../model/feed/index.ts';
import { languageIds } from '../../model/inventory/index.ts';
import { type VerdictOrder, verdictOrders } from '../../runtime/index.ts';
import {
  choice,
  duration,
  flag,
  form,
  group,
  inLibrary,
  type Option,
  ofCommandLine,
  repeatable,
  text,
  type ValueOption,
} from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';
import type { BaseSubject } from './base.ts';
import { ratingOrder } from './rating-order.ts';
import { type FailThreshold, readThreshold, thresholdWords } from './thresholds.ts';

/**
 * A threshold for failing: a severity, `any` flaw, known exploited flaws (`kev`), an EPSS probability or a risk; flaws that nobody has
 * rated (`unrated`) or that the vendor has not analyzed yet (`unsettled`), packages that no feed covers (`unjudged`).
 */
export type FailOn =
  | Exclude<Severity, 'unknown'>
  | 'any'
  | 'kev'
  | 'unrated'
  | 'unsettled'
  | 'unjudged'
  | `epss=${number}`
  | `risk=${number}`;

/** Options that change what is shown of verdicts and which of them fail. */
export interface ScanPolicyOptions {
  /** Shows flaws of at least this severity. */
  severity?: Severity;
  sort?: VerdictOrder;
  /** Shows, and fails for, only flaws that have a fix to install. */
  onlyFixed?: boolean;
  /**
   * Fails only for flaws whose fix was announced longer ago than this, in milliseconds; without thresholds for each of them. A fix without a date counts
   * as older.
   */
  fixedBefore?: number;
  /** Also lists the verdicts that the default view only counts. */
  all?: boolean;
  /** Thresholds for failing (`policy.exitCode` 1). Default: none. */
  failOn?: readonly FailOn[];
  /** Does not set `policy.exitCode` to 4 for packages without data in the feed. */
  allowUncovered?: boolean;
  /**
   * Does not set `policy.exitCode` to 4 because most flaws are unrated and `failOn` has a severity or a risk, nor reject a feed without ratings.
   */
  allowUnrated?: boolean;
}

const rated = severities.filter((severity) => severity !== 'unknown');

const failOn: ValueOption<FailThreshold> = {
  kind: 'choice',
  metavar: 'WHAT',
  help:
    'exit 1 if a flaw has at least this severity, even if --severity hides it; any: any flaw; kev: known ' +
    'to be exploited; epss=0.1: exploitation probability of at least 0.1; risk=50: risk of at least 50 ' +
    '(of 100); unrated: flaws that nobody has rated; unsettled: flaws that the vendor has not investigated ' +
    'yet; unjudged: packages of languages that the feed has no data about, or whose name cannot be read',
  words: thresholdWords,
  isOpen: true,
  readOne: readThreshold,
  read: (texts, as) => (texts.length === 0 ? undefined : readThreshold(texts.at(-1)!, as)),
};

/** The options of {@link ScanPolicyOptions}, and the rows of the table. */
export const policyOptions = group('Report and exit code', {
  severity: choice(
    severities,
    `show flaws of at least this severity: ${rated.join(', ')}; unknown: unrated flaws; with ` +
      'other values, only their number is printed',
    { metavar: 'S', noun: 'severity', anyCase: true },
  ),
  sort: choice(
    verdictOrders,
    'sort by % (default: known exploited flaws first, then by severity, then by risk)',
    { metavar: 'BY', noun: 'order', anyCase: true },
  ),
  'only-fixed': flag('show only flaws that have a fix to install'),
  'fixed-before': duration(
    'fail only for flaws whose fix was announced longer ago than this (30d, 36h), at any severity without ' +
      '--fail-on; a fix without a date counts as older',
  ),
  by: ofCommandLine(
    choice(
      ['flaw', 'package'],
      'one table row per flaw, or per source package with the version to upgrade to: %',
      { metavar: 'WHAT', noun: 'kind of row' },
    ),
  ),
  all: flag('also list verdicts that the default view hides'),
  'fail-on': repeatable(failOn, { commas: true }),
  'allow-uncovered': flag('do not exit 4 because of packages without data in the feed, or in damaged files'),
  'allow-unrated': flag(
    'do not exit 4 if most flaws are unrated, nor 3 if the feed has no ratings, with a severity or risk in --fail-on',
  ),
} satisfies OptionTableOf<ScanPolicyOptions> & { by: Option });

/** Sources of ratings, in the order in which they are asked. */
export const severityFrom = ratingOrder(
  'use the rating of the first of these sources that has one; other sources are ignored (default: the ' +
    "feed's order, % unless it was built with another)",
);

/** Options that change verdicts, not what is shown of them. */
export const judgingOptions = group('Judging', {
  platform: inLibrary(
    'judgedAs',
    repeatable(
      text(
        'ID|OS/ARCH',
        'an id: judge the image as this platform, whatever its own release; OS/ARCH: the image of a ' +
          'multi-platform index to use (default: linux/amd64)',
      ),
    ),
  ),
  'platform-map': repeatable(
    form(
      'A=B',
      'judge system A (ol-9) by platform B (rhel-9); if the feed has A too, B is used where A has no statement',
      platformPair,
    ),
  ),
  'severity-from': severityFrom,
  stream: choice(
    streams,
    'the stream of updates that the image gets; distributions that do not have it ignore it (default: as the image says): %',
    { metavar: 'NAME', noun: 'stream' },
  ),
  languages: repeatable(
    choice(languageIds, 'judge packages of these languages only: %', { metavar: 'IDS', noun: 'ecosystem' }),
    { commas: true },
  ),
  'no-languages': ofCommandLine(flag('judge no packages of languages')),
});

/** The base images of an image. */
export interface BaseParameters {
  /** The base image that the image was made from and, second, its newer build. Each is an open image with its inventory. */
  bases?: readonly BaseSubject[];
}

/** Words of the base option for what the image states, and for what signed provenance of it states. */
export const statedBase = 'labels';
export const attestedBase = 'attested';

/** The base images to compare with. */
export const baseOptions = group('Base image', {
  base: inLibrary(
    'bases',
    repeatable(
      text(
        `IMAGE|${statedBase}|${attestedBase}`,
        'say of each flaw whether it is of this base image or of own layers, and which flaws a rebuild on its newer ' +
          `build fixes; twice: the build that the image was made from, and the newer one; ${statedBase}: the base that ` +
          'org.opencontainers.image.base.name and .digest of the image name, from its registry; ' +
          `${attestedBase}: the image of SLSA provenance by signers of the signature options that the image begins with`,
      ),
    ),
  ),
} satisfies OptionTableOf<BaseParameters, { base: 'bases' }>);

function platformPair(text: string): [from: string, to: string] | undefined {
  const [from, to] = text.split('=');
  return from && to ? [from, to] : undefined;
}
