import { currentTime } from '../../io/clock.ts';
import { scanTable } from '../../report/scan/table.ts';
import { requireComplete, requireDatabase } from '../../runtime/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { exceptionOptions, readExceptions, withExceptions } from '../options/exceptions.ts';
import { ageOptions, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { imageHelp, imageOptions } from '../options/image-choice.ts';
import { judgeImage, judgingOptions, settledVerdicts } from '../options/judging.ts';
import { judgePolicy, policyOptions, readPolicy } from '../options/policy.ts';
import { withPolicyOptions } from '../options/policy-file.ts';
import { openSubject } from '../options/subject.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import { lateWriters, scanReport } from '../scan-reports.ts';
import { isoSeconds, sourceDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...feedOptions,
  ...ageOptions,
  ...imageOptions,
  ...judgingOptions,
  ...policyOptions,
  ...exceptionOptions,
  output: outputs('scan'),
};

export const scan = defineCommand({
  name: 'scan',
  operands: ['IMAGE'],
  about: imageHelp,
  options,
  exitCodes: {
    0: 'fine',
    1: 'flaws at or above --fail-on',
    2: 'wrong use, or the image cannot be read',
    3: 'the feed is missing, stale or damaged',
    4:
      'the platform is unknown, not in the feed or past its end of life, there is no package database, or a package is ' +
      'not covered',
  },
  examples: ['scapfeed scan oci:./image --fail-on high -o table -o json=scan.json'],
  run,
});

async function run(
  { options: typed, operands: [reference] }: Arguments<typeof options, ['IMAGE']>,
  terminal: Terminal,
): Promise<number> {
  const exceptions = await readExceptions('scan', typed);
  const given = withPolicyOptions('scan', options, typed, exceptions.policy);
  const policy = readPolicy(given);
  const feed = openChosenFeed(given.feed, terminal.env);
  terminal.progress(`reading ${reference}`);
  const subject = await openSubject(reference, given, terminal.env);
  const { image } = subject;
  try {
    const inventory = requireDatabase(subject.inventory, image.reference);
    const now = currentTime();
    const judged = judgeImage(feed, image, inventory, given, now);
    const result = await withExceptions(judged, exceptions, now);
    const listed = result.verdicts.filter(
      ({ hidden, ignored }) =>
        (policy.all || hidden === undefined) && (given['show-ignored'] || ignored === undefined),
    );
    const shown = listed.filter(policy.shows);
    const { outcome, messages } = judgePolicy(result, shown, policy);
    const report = scanReport({
      feed,
      result,
      inventory,
      asked: result.verdicts.filter(policy.shows),
      shown,
      policy: outcome,
      fails: policy.reports,
      date: isoSeconds(sourceDate(terminal.env) ?? new Date(result.platform.updated)),
      settled: () => settledVerdicts(feed, inventory, given, now),
    });
    await writeOutputs(terminal, given.output, {
      ...lateWriters(report),
      table: ({ toTerminal }) =>
        scanTable(result, shown, {
          color: terminal.color && toTerminal,
          all: policy.all,
          ignored: given['show-ignored'],
          filtered: listed.filter((verdict) => !policy.shows(verdict)),
        }),
    });
    messages.forEach(terminal.err);
    requireComplete(inventory);
    return outcome.exitCode;
  } finally {
    image.close();
    feed.close();
  }
}
