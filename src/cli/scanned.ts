import type { Environment } from '../model/index.ts';
import type { OptionValues } from '../tasks/option.ts';
import { flagNames } from '../tasks/outcome.ts';
import { parametersOf } from '../tasks/parameters.ts';
import type { ScannedImage } from '../tasks/scan/formats.ts';
import { policyOf } from '../tasks/scan/gate.ts';
import { judgeImage, settledVerdicts } from '../tasks/scan/judge.ts';
import type { policyOptions } from '../tasks/scan/options.ts';
import { type JudgedScan, judgeScan, type ScanSubject } from '../tasks/scan/run.ts';
import type { ageOptions, ChosenFeed } from './options/feed-choice.ts';
import { judgeChoice, type judgingOptions } from './options/judging.ts';
import { isoSeconds, sourceDate } from './source-date.ts';

type ScanChoice = OptionValues<typeof ageOptions & typeof judgingOptions & typeof policyOptions> & {
  readonly 'show-ignored'?: boolean;
};

/** An image judged by a feed and by the user's policy. */
export type Scanned = Omit<JudgedScan, 'listed'> & Pick<ScannedImage, 'listing'>;

/** Judges an inventory by a feed: what `scan` does once the image has been read. */
export async function scanImage(
  feed: ChosenFeed,
  subject: ScanSubject,
  given: ScanChoice,
  now: Date,
  env: Environment,
): Promise<Scanned> {
  const policy = policyOf(parametersOf(given));
  const showsIgnored = given['show-ignored'] ?? false;
  const how = judgeChoice(given, now);
  const date = sourceDate(env);
  const { listed, ...scanned } = await judgeScan(
    judgeImage(feed, subject.image, subject.inventory, how),
    subject,
    {
      feed,
      policy,
      showsIgnored,
      now,
      ...(given.sort && { sort: given.sort }),
      ...(date && { date: isoSeconds(date) }),
      settled: () => settledVerdicts(feed, subject.inventory, how),
      names: flagNames,
    },
  );
  return {
    ...scanned,
    listing: {
      all: policy.all,
      byPackage: given.by === 'package',
      ignored: showsIgnored,
      filtered: listed.filter((verdict) => !policy.shows(verdict)),
    },
  };
}
