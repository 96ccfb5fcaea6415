import { compareResults } from '../../compare/compare.ts';
import { readOtherResult } from '../../compare/read-result.ts';
import { currentTime } from '../../io/clock.ts';
import { comparedResultsText } from '../../report/compared-results.ts';
import { judge, requireComplete, requireDatabase } from '../../runtime/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { path } from '../option.ts';
import { ageOptions, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { imageHelp, imageOptions } from '../options/image-choice.ts';
import { judgingOptions, platformOptions, settings, severityOptions } from '../options/judging.ts';
import { openSubject } from '../options/subject.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';

const options = {
  trivy: path('FILE', 'a result of `trivy image --format json` on the same image'),
  grype: path('FILE', 'a result of `grype IMAGE -o json`'),
  ...feedOptions,
  ...ageOptions,
  ...imageOptions,
  ...judgingOptions,
  output: outputs('compare'),
};

export const compare = defineCommand({
  name: 'compare',
  operands: ['IMAGE'],
  about: imageHelp,
  options,
  exitCodes: {
    0: 'the results were compared, whether or not they differ',
    2: 'wrong use, or the image or the result cannot be read',
    3: 'the feed is missing, stale or damaged',
    4: 'the platform is unknown or not in the feed, or there is no complete package database',
  },
  notes: `Each difference has a cause and a sentence that says why, from the vendor's own record: -o json has all of them, with
the place of that record.`,
  examples: ['scapfeed compare oci:./image --trivy trivy.json'],
  run,
});

async function run(
  { options: given, operands: [reference] }: Arguments<typeof options, ['IMAGE']>,
  terminal: Terminal,
): Promise<number> {
  const { trivy, grype } = given;
  if ((trivy === undefined) === (grype === undefined))
    throw usage(
      'compare',
      'expected one result of another scanner',
      'name it with --trivy FILE or --grype FILE',
    );
  const other = trivy === undefined ? readOtherResult('grype', grype!) : readOtherResult('trivy', trivy);
  const feed = openChosenFeed(given.feed, terminal.env);
  const { image, inventory } = await openSubject(reference, given, terminal.env);
  try {
    requireDatabase(inventory, image.reference);
    const maxAge = given['max-age'];
    const judged = judge(feed, inventory, {
      ...platformOptions(given),
      ...severityOptions(given),
      settings: settings(given),
      now: currentTime(),
      all: true,
      ...(maxAge === undefined ? {} : { maxAge }),
    });
    const { platform, verdicts, uncovered } = judged;
    const own = { verdicts, uncovered, packages: inventory.packages, platform: platform.id };
    const compared = { platform: platform.id, ...compareResults(own, other) };
    await writeOutputs(terminal, given.output, {
      json: () =>
        json({ feed: feed.origin, image: image.reference, system: other.system ?? null, ...compared }),
      table: () => comparedResultsText(compared),
    });
    requireComplete(inventory);
    return 0;
  } finally {
    image.close();
    feed.close();
  }
}
