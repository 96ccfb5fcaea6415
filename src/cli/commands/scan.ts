import { currentTime } from '../../io/clock.ts';
import { assessmentOrigins, requireComplete, requireDatabase } from '../../runtime/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { attestationOptions, openAttested } from '../options/attested-subject.ts';
import { exceptionOptions, readExceptions } from '../options/exceptions.ts';
import { ageOptions, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { imageHelp, imageOptions } from '../options/image-choice.ts';
import { judgingOptions } from '../options/judging.ts';
import { policyOptions, readPolicy, requireSources } from '../options/policy.ts';
import { withPolicyOptions } from '../options/policy-file.ts';
import { requireSameImage, requireSigned, requireSignedOptions } from '../options/require-signed.ts';
import { openSubject } from '../options/subject.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import { hasSbom } from '../sbom-subject.ts';
import { lateWriters } from '../scan-reports.ts';
import { scanImage } from '../scanned.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...feedOptions,
  ...ageOptions,
  ...imageOptions,
  ...requireSignedOptions,
  ...attestationOptions,
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
    1: 'flaws that --fail-on names, or not signed as --require-signed asks',
    2: 'wrong use, or the image cannot be read',
    3: 'the feed is missing, stale or damaged, or lacks a source that --fail-on needs',
    4:
      'the platform is unknown, not in the feed or past its end of life, there is no package database, or a package is ' +
      'not covered; or the image has no signature that --require-signed could judge',
  },
  examples: ['scapfeed scan oci:./image --fail-on high -o table -o json=scan.json'],
  run,
});

async function run(
  { options: typed, operands: [reference] }: Arguments<typeof options, ['IMAGE']>,
  terminal: Terminal,
): Promise<number> {
  const exceptions = await readExceptions('scan', reference, typed, terminal.env);
  const given = withPolicyOptions('scan', options, typed, exceptions.policy);
  const feed = openChosenFeed(given.feed, terminal.env);
  const now = currentTime();
  requireSources(readPolicy(given), assessmentOrigins(feed.manifest, now));
  const type = given['from-attestation'];
  const attested = type && (await openAttested(reference, type, given, terminal.env));
  const signed = attested ? attested.signed : await requireSigned('scan', reference, given, terminal.env);
  terminal.progress(`reading ${reference}`);
  const subject = attested ?? (await openSubject(reference, given, terminal.env, hasSbom(given.output)));
  const { image } = subject;
  try {
    const inventory = requireDatabase(subject.inventory, image.reference);
    if (!attested) requireSameImage(signed, image);
    const scanned = await scanImage(feed, { image, inventory, signed, exceptions }, given, now, terminal);
    const { report, outcome, messages, table } = scanned;
    await writeOutputs(terminal, given.output, { ...lateWriters(report), table });
    messages.forEach(terminal.err);
    requireComplete(inventory);
    return outcome.exitCode;
  } finally {
    image.close();
    feed.close();
  }
}
