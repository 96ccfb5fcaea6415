import { currentTime } from '../../io/clock.ts';
import { assessmentOrigins } from '../../runtime/index.ts';
import { hasSbom } from '../../tasks/image/sbom-subject.ts';
import { flagNames } from '../../tasks/outcome.ts';
import { parametersOf } from '../../tasks/parameters.ts';
import { scanReports } from '../../tasks/scan/formats.ts';
import { policyOf, requireSources, systemsOf } from '../../tasks/scan/gate.ts';
import { policyOptions } from '../../tasks/scan/options.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { withoutEarlierReports } from '../earlier-reports.ts';
import { askedTargets, forTargets } from '../for-targets.ts';
import { attestationOptions } from '../options/attested-subject.ts';
import { exceptionOptions, readSharedExceptions } from '../options/exceptions.ts';
import { ageOptions, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { imageHelp, imageOptions } from '../options/image-choice.ts';
import { judgingOptions } from '../options/judging.ts';
import { withPolicyOptions } from '../options/policy-file.ts';
import { requireSignedOptions } from '../options/require-signed.ts';
import { targetOptions } from '../options/targets.ts';
import { outputs } from '../outputs.ts';
import { scanTarget } from '../scan-target.ts';
import { sourceDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...feedOptions,
  ...ageOptions,
  ...imageOptions,
  ...targetOptions,
  ...requireSignedOptions,
  ...attestationOptions,
  ...judgingOptions,
  ...policyOptions,
  ...exceptionOptions,
  output: outputs('scan'),
};

export const scan = defineCommand({
  name: 'scan',
  operands: ['[IMAGE...]'],
  synopsis: 'IMAGE... [OPTIONS]',
  about: imageHelp,
  options,
  exitCodes: {
    0: 'fine',
    1: 'flaws that match --fail-on, or not signed as --require-signed requires',
    2: 'wrong use, or the image cannot be read',
    3: 'the feed is missing, stale or damaged, or lacks a source that --fail-on needs',
    4:
      'the platform is unknown, not in the feed or past its end of life, there is no package database, or a ' +
      'package is not covered; or the image has no signature for --require-signed',
  },
  examples: [
    'scapfeed scan oci:./image --fail-on high -o table -o json=scan.json',
    "scapfeed scan 'images/*.tar' --targets list.txt -o html=all.html -o cyclonedx='{name}.cdx.json'",
  ],
  run: withoutEarlierReports(run),
});

async function run(
  { options: typed, operands, decided }: Arguments<typeof options, ['[IMAGE...]']>,
  terminal: Terminal,
): Promise<number> {
  const asked = askedTargets('scan', operands, typed);
  const exceptions = await readSharedExceptions('scan', typed);
  const given = withPolicyOptions('scan', options, { options: typed, decided }, exceptions.policy);
  const feed = openChosenFeed(given.feed, terminal.env);
  const now = currentTime();
  const policy = policyOf(parametersOf(given));
  requireSources(policy, assessmentOrigins(feed.manifest, now), systemsOf(feed.manifest), {
    names: flagNames,
  });
  const { env } = terminal;
  const setting = { feed, given, exceptions, now, described: hasSbom(given.output), env };
  try {
    return await forTargets({
      command: 'scan',
      asked,
      outputs: given.output,
      reports: scanReports({ feed, date: () => sourceDate(env) }),
      terminal,
      judge: (reference, _, use, name) => scanTarget(reference, setting, use, name),
    });
  } finally {
    feed.close();
  }
}
