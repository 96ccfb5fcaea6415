import type { FleetRunOptions } from '../../fleet/fleet.ts';
import type { FleetJudging } from '../../fleet/judge/options.ts';
import { fleetVerifying } from '../../fleet/verifying.ts';
import { ageOptions, feedOptions } from '../../tasks/feed-options.ts';
import { imageOptions } from '../../tasks/image/options.ts';
import {
  choice,
  flag,
  group,
  type OptionValues,
  path,
  repeatable,
  text,
  withDefault,
} from '../../tasks/option.ts';
import { judgingOptions } from '../../tasks/scan/options.ts';
import { requireSignedOptions } from '../../tasks/signed/options.ts';
import { languageOptions, platformOptions, severityOptions, streamOptions } from './judging.ts';
import { receiverOptions, receiversOf } from './receivers.ts';
import { isSignatureAsked } from './require-signed.ts';

/** Options of processes that read images: `run`, and workers. */
export const readingOptions = {
  ...feedOptions,
  ...imageOptions,
  ...requireSignedOptions,
  ...group('Registry', {
    'allow-link-local-registry': flag(
      "also read from registries at link-local addresses (169.254.0.0/16, fe80::/10) and clouds' metadata addresses",
    ),
  }),
  ...group('Image', {
    verify: withDefault(
      choice(
        fleetVerifying,
        'compare files with packages, like `scapfeed verify`: for new images, also for known images not yet ' +
          'compared, or for none: %',
        { metavar: 'WHICH', noun: 'choice' },
      ),
      'new' as const,
    ),
  }),
  ...group('Content', {
    content: path(
      'FILE',
      "with --profile: SCAP content to evaluate images by (default: the feed's for the image's release)",
    ),
  }),
};

const { platform: _, ...judging } = judgingOptions;

/** Options that decide what a run finds; workers get them from the run. */
export const runOptions = {
  ...judging,
  ...ageOptions,
  ...group('Content', {
    profile: repeatable(
      text('ID', 'also evaluate the configuration of each image by this profile, once per image and content'),
    ),
  }),
  ...receiverOptions,
};

export function runChoice(given: OptionValues<typeof runOptions & typeof readingOptions>): FleetRunOptions {
  const choice = { ...given, platform: undefined };
  const judging: FleetJudging = {
    ...severityOptions(choice),
    platformMap: [...platformOptions(choice).map],
    ...streamOptions(choice),
    ...languageOptions(choice),
  };
  const maxAge = given['max-age'];
  return {
    judging,
    ...(maxAge !== undefined && { maxAge }),
    profiles: given.profile ?? [],
    signed: isSignatureAsked(given),
    receivers: receiversOf(given),
  };
}
