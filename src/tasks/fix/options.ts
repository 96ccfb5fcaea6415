import { type RemediationType, remediationTypes } from '../../comply/index.ts';
import { contentOptions } from '../content/options.ts';
import { choice, path, text, withDefault } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** The fixes of a script. */
export interface FixParameters {
  /** With `content`: the profile's id, in full or its last part. Default: the benchmark's default selection. */
  profile?: string;
  /** The language of the fixes. Default: `bash`. */
  type?: RemediationType;
}

const ofScript = {
  profile: text('ID', 'the profile, with --content'),
  type: withDefault(choice(remediationTypes, '%', { metavar: 'TYPE', noun: 'type' }), 'bash'),
} satisfies OptionTableOf<FixParameters>;

/** The options of {@link FixParameters}. */
export const fixScriptOptions = ofScript;

/** The options of `fix`. */
export const fixOptions = {
  results: path('FILE', 'the JSON that `scapfeed comply` or `check` wrote: fixes of its failed rules'),
  content: path('FILE', 'without results: fixes of every rule that the profile selects'),
  profile: ofScript.profile,
  ...contentOptions,
  type: ofScript.type,
};
