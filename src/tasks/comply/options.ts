import { contentOptions } from '../content/options.ts';
import { choice, flag, group, path, repeatable, text } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** The lowest severity of rules that fail; `any` also includes rules without a severity. */
export type RuleThreshold = 'any' | 'info' | 'low' | 'medium' | 'high';

/** In ascending order. */
export const ruleSeverities = [
  'any',
  'info',
  'low',
  'medium',
  'high',
] as const satisfies readonly RuleThreshold[];

/** Options that decide which results of rules fail. */
export interface RulePolicyOptions {
  /** The severity from which on a failed rule fails (`policy.exitCode` 1). `any`: also rules without one. Default: nothing fails. */
  failOn?: RuleThreshold;
  /** Does not set `policy.exitCode` to 4 for gated rules that could not be judged, nor for failed rules without a severity. */
  allowUnjudged?: boolean;
}

/** The options of {@link RulePolicyOptions}. */
export const rulePolicyOptions = {
  'fail-on': choice(ruleSeverities, 'exit 1 when a rule of at least this severity fails: %', {
    metavar: 'S',
    noun: 'severity',
  }),
  'allow-unjudged': flag(
    'do not exit 4 because of gated rules with the result error or unknown, or of failed rules without a severity',
  ),
} satisfies OptionTableOf<RulePolicyOptions>;

/** The profile that an image is judged by. */
export interface ProfileParameters {
  /** The profile's id, in full or its last part. Default: the benchmark's default selection. */
  profile?: string;
  /** Path of a tailoring file. Its profiles take precedence over those of the content. */
  tailoring?: string;
  /** The benchmark to use if the feed has several for the release. */
  product?: string;
}

/** The platform of the content. */
export interface ContentPlatformParameters {
  /** The platform of the feed to use instead of the one that the image reports. */
  judgedAs?: string;
}

/** The options of {@link ProfileParameters}. */
export const profileOptions = {
  product: text(
    'NAME',
    'the benchmark to use, if the feed has several for the release; `scapfeed profiles` lists them',
  ),
  profile: text(
    'ID',
    "the profile to judge by: its id or the end of it (default: the benchmark's own selection)",
  ),
  tailoring: path('FILE', "a tailoring file; its profiles take precedence over the content's"),
} satisfies OptionTableOf<ProfileParameters>;

/** Options of every command that judges by a profile. */
export const complyingOptions = group('Content', {
  content: path(
    'FILE',
    "a data stream, an XCCDF benchmark, or the output of `scapfeed compile` (default: the feed's content " +
      "for the image's release)",
  ),
  ...profileOptions,
  ...contentOptions,
});

/** The options of `comply` alone. */
export const complyOptions = {
  ...rulePolicyOptions,
  all: flag('list passed rules too'),
};

/** The option of {@link ContentPlatformParameters}, which also chooses among the images of an index. */
export const contentPlatform = repeatable(
  text(
    'ID|OS/ARCH',
    "an id: use the feed's content for this platform; OS/ARCH: the image of a multi-platform index to use " +
      '(default: linux/amd64)',
  ),
);
