import type { Environment } from '../../model/environment.ts';
import type { RatingSource } from '../../model/feed/index.ts';
import type { EcosystemId } from '../../model/inventory/index.ts';
import type { JudgeOptions } from '../../runtime/index.ts';
import type { ageOptions } from '../../tasks/feed-options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { flagNames } from '../../tasks/outcome.ts';
import { parametersOf } from '../../tasks/parameters.ts';
import type { judgingOptions, policyOptions } from '../../tasks/scan/options.ts';
import { type ScanSettings, scanSettings } from '../../tasks/scan/run.ts';
import { sourceDate } from '../source-date.ts';
import type { ChosenFeed } from './feed-choice.ts';
import { judgedPlatform } from './image-choice.ts';

type JudgingChoice = OptionValues<typeof judgingOptions>;

/** Options for judging an image. */
export function judgeChoice(
  options: JudgingChoice & OptionValues<typeof ageOptions>,
  now: Date,
): JudgeOptions & { now: Date } {
  const maxAge = options['max-age'];
  return {
    ...platformOptions(options),
    ...severityOptions(options),
    ...streamOptions(options),
    ...languageOptions(options),
    now,
    ...(maxAge === undefined ? {} : { maxAge }),
  };
}

/** Sources of ratings in order of precedence, if the options set it. */
export function severityOptions(options: JudgingChoice): { severityFrom?: RatingSource[] } {
  const order = options['severity-from'];
  return order === undefined ? {} : { severityFrom: order };
}

/** The stream of updates, if the options name one. */
export function streamOptions({ stream }: JudgingChoice): { stream?: string } {
  return stream === undefined ? {} : { stream };
}

/** The ecosystems of the packages of languages that are judged, if the options limit them. */
export function languageOptions(options: JudgingChoice): { languages?: readonly EcosystemId[] } {
  if (options['no-languages']) return { languages: [] };
  return options.languages === undefined ? {} : { languages: options.languages };
}

/** The platform that the options name, or their map from the image's own name to one. */
export function platformOptions(options: JudgingChoice): { platform?: string; map: Map<string, string> } {
  const map = new Map(options['platform-map']);
  const platform = judgedPlatform(options.platform);
  return platform === undefined ? { map } : { platform, map };
}

type ScanChoice = OptionValues<typeof ageOptions & typeof judgingOptions & typeof policyOptions> & {
  readonly 'show-ignored'?: boolean;
};

/** Settings by which images are judged, from a feed and the options. @throws {ScapfeedError} FEED_LACKS_SOURCE */
export function scanChoice(feed: ChosenFeed, given: ScanChoice, now: Date, env: Environment): ScanSettings {
  return scanSettings(
    {
      feed,
      how: judgeChoice(given, now),
      sort: given.sort,
      showsIgnored: given['show-ignored'],
      byPackage: given.by === 'package',
      date: sourceDate(env),
      names: flagNames,
    },
    parametersOf(given),
  );
}
