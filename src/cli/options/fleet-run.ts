import type { FleetRunOptions } from '../../fleet/fleet.ts';
import type { FleetJudging } from '../../fleet/judge/options.ts';
import type { readingOptions, runOptions } from '../../tasks/fleet/command-options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { languageOptions, platformOptions, severityOptions, streamOptions } from './judging.ts';
import { receiversOf } from './receivers.ts';
import { isSignatureAsked } from './require-signed.ts';

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
    ...(given.base !== undefined && { bases: true }),
  };
}
