import type { RunOptions } from '../../fleet/fleet.ts';
import type { FleetJudging } from '../../fleet/judge/options.ts';
import { form, group, type OptionValues } from '../option.ts';
import { ageOptions, feedOptions } from './feed-choice.ts';
import { imageOptions } from './image-choice.ts';
import { judgingOptions, platformOptions, settings, severityOptions } from './judging.ts';
import { receiverOptions, receiversOf } from './receivers.ts';
import { requireSignedOptions } from './require-signed.ts';

/** Each image is judged by the platform that it says it is: one for all would be wrong for most. */
const platform = form('OS/ARCH', 'which image of a multi-platform index (default: linux/amd64)', (text) =>
  text.includes('/') ? [text] : undefined,
);

/** Options of processes that read images: `run`, and workers. */
export const readingOptions = {
  ...feedOptions,
  ...imageOptions,
  ...requireSignedOptions,
  ...group('Image', { platform }),
};

const { platform: _, ...judging } = judgingOptions;

/** Options that decide what a run finds; workers get them from the run. */
export const runOptions = { ...judging, ...ageOptions, ...receiverOptions };

export function runChoice(given: OptionValues<typeof runOptions>): RunOptions {
  const choice = { ...given, platform: undefined };
  const judging: FleetJudging = {
    ...severityOptions(choice),
    platformMap: [...platformOptions(choice).map],
    settings: settings(choice),
  };
  const maxAge = given['max-age'];
  return { judging, ...(maxAge !== undefined && { maxAge }), profiles: [], receivers: receiversOf(given) };
}
