import type { Environment } from '../../model/index.ts';
import type { ageOptions } from '../../tasks/feed-options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { flagNames } from '../../tasks/outcome.ts';
import { parametersOf } from '../../tasks/parameters.ts';
import type { judgingOptions, policyOptions } from '../../tasks/scan/options.ts';
import { type ScanSettings, scanSettings } from '../../tasks/scan/run.ts';
import { sourceDate } from '../source-date.ts';
import type { ChosenFeed } from './feed-choice.ts';
import { judgeChoice } from './judging.ts';

type ScanChoice = OptionValues<typeof ageOptions & typeof judgingOptions & typeof policyOptions> & {
  readonly 'show-ignored'?: boolean;
};

/** How images are judged by a feed and by the options. @throws {ScapfeedError} FEED_LACKS_SOURCE */
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
