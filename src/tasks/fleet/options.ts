import { type Severity, severities } from '../../model/feed/index.ts';
import { choice, flag } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** Options that decide which news fail. */
export interface NewsPolicyOptions {
  /**
   * The severity from which on a flaw fails (`policy.exitCode` 1) that is new, newly known to be exploited or in a new image, and not
   * waived. Default: nothing fails.
   */
  failOnNew?: Exclude<Severity, 'unknown'>;
  /** With `failOnNew`: does not fail for flaws of images that are new in the fleet. */
  allowNewImages?: boolean;
  /** With `failOnNew`: does not set `policy.exitCode` to 4 because most news are unrated, nor reject a feed without ratings. */
  allowUnrated?: boolean;
}

/** Options that decide which outcomes fail a run. */
export interface RunPolicyOptions extends NewsPolicyOptions {
  /** Also sets `policy.exitCode` to 4 if an image has packages without data, as {@link judge} does. */
  failOnUncovered?: boolean;
  /**
   * Sets `policy.exitCode` to 1 if an image has a flaw that is overdue by the fleet's SLA and not waived, and to 4 if most flaws that could
   * have a last day are unrated and have none. Default: an overdue flaw is news that fails nothing.
   */
  failOnOverdue?: boolean;
  /** Does not set `policy.exitCode` to 4 because an image could not be read or judged, or the fleet has none. */
  allowUncovered?: boolean;
}

const ofNews = {
  'fail-on-new': choice(
    severities.filter((severity) => severity !== 'unknown'),
    'exit 1 if a flaw of this severity or above is new, newly known to be exploited or in a new image, and not waived: %',
    {
      metavar: 'SEVERITY',
      noun: 'severity',
      anyCase: true,
      instead: {
        any: 'use negligible, the lowest: any new flaw with a rating fails then; if most have none, the exit code is 4',
      },
    },
  ),
  'allow-new-images': flag('with --fail-on-new: do not fail for flaws of images that are new in the fleet'),
};

/** The options of {@link NewsPolicyOptions}. */
export const newsPolicyOptions = {
  ...ofNews,
  'allow-unrated': flag('with --fail-on-new: do not exit 4 if most news are unrated'),
} satisfies OptionTableOf<NewsPolicyOptions>;

/** The options of {@link RunPolicyOptions}. */
export const runPolicyOptions = {
  ...ofNews,
  'fail-on-overdue': flag("exit 1 if an image has a flaw that is overdue by the fleet's SLA and not waived"),
  'fail-on-uncovered': flag('also exit 4 if an image has packages without data, as a scan does'),
  'allow-unrated': flag(
    'with --fail-on-new or --fail-on-overdue: do not exit 4 if most news or flaws are unrated, nor 3 if the feed has no ratings',
  ),
  'allow-uncovered': flag('exit 0 even if an image could not be read or judged, or the fleet has none'),
} satisfies OptionTableOf<RunPolicyOptions>;
