import { currentTime } from '../../io/clock.ts';
import type { Environment } from '../../model/environment.ts';
import { stableImageName } from '../../report/scan/words.ts';
import { requirePackages } from '../../runtime/index.ts';
import { ageOptions, feedOptions, publishedFeedOptions } from '../../tasks/feed-options.ts';
import { imageOptions, partialOptions, targetOptions } from '../../tasks/image/options.ts';
import { hasSbom } from '../../tasks/image/sbom-subject.ts';
import type { OptionValues } from '../../tasks/option.ts';
import type { GivenExceptions } from '../../tasks/policy/exceptions.ts';
import { exceptionOptions } from '../../tasks/policy/options.ts';
import { type ScannedImage, scanReports } from '../../tasks/scan/formats.ts';
import { baseOptions, judgingOptions, policyOptions } from '../../tasks/scan/options.ts';
import { type ScanSettings, type ScanSubject, scanImage, scanOutcome } from '../../tasks/scan/run.ts';
import { attestationOptions, requireSignedOptions } from '../../tasks/signed/options.ts';
import { requireSameImage } from '../../tasks/signed/same-image.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { withoutEarlierReports } from '../earlier-reports.ts';
import { askedTargets, forTargets } from '../for-targets.ts';
import { BaseChoice } from '../options/base-images.ts';
import { exceptionsOf, readSharedExceptions, type SharedExceptions } from '../options/exceptions.ts';
import { openAnyFeed } from '../options/feed-choice.ts';
import { imageHelp } from '../options/image-choice.ts';
import { scanChoice } from '../options/judging.ts';
import { withPolicyOptions } from '../options/policy-file.ts';
import { openAttested, requireSigned } from '../options/require-signed.ts';
import { openSubject } from '../options/subject.ts';
import { outputs } from '../outputs.ts';
import { concluded, type TargetResult } from '../target-run.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...feedOptions,
  ...publishedFeedOptions,
  ...ageOptions,
  ...imageOptions,
  ...partialOptions,
  ...targetOptions,
  ...requireSignedOptions,
  ...attestationOptions,
  ...judgingOptions,
  ...policyOptions,
  ...exceptionOptions,
  ...baseOptions,
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
  run: withoutEarlierReports('scan', run),
});

async function run(
  { options: typed, operands, decided }: Arguments<typeof options, ['[IMAGE...]']>,
  terminal: Terminal,
): Promise<number> {
  const { env } = terminal;
  const asked = askedTargets('scan', operands, typed);
  const exceptions = await readSharedExceptions('scan', typed, env);
  const given = withPolicyOptions('scan', options, { options: typed, decided }, exceptions.policy);
  const feed = await openAnyFeed('scan', given, terminal);
  const described = given.output.some(({ format }) => format !== 'table');
  const settings = { ...scanChoice(feed, given, currentTime(), env), described };
  const bases = given.base && new BaseChoice(given.base, given, env);
  const setting = { given, settings, exceptions, bases, described: hasSbom(given.output), env };
  try {
    return await forTargets({
      command: 'scan',
      asked,
      outputs: given.output,
      reports: scanReports({ feed, date: () => settings.date }),
      terminal,
      isGated: given['fail-on'] !== undefined,
      judge: (reference, _, use, name) => scanTarget(reference, setting, use, name),
    });
  } finally {
    feed.close();
  }
}

/** Settings shared by all images of a scan. */
interface ScanSetting {
  given: OptionValues<typeof options>;
  settings: ScanSettings;
  exceptions: SharedExceptions;
  bases?: BaseChoice | undefined;
  /** Packages will be described, with their licences. */
  described: boolean;
  env: Environment;
}

/** Reads one image and judges it; `use` has it as long as it is open. `name` distinguishes it from others of the scan. */
async function scanTarget<T>(
  reference: string,
  setting: ScanSetting,
  use: (result: TargetResult<ScannedImage>) => Promise<T>,
  name?: string,
): Promise<T> {
  const { exceptions: shared, given, env } = setting;
  const exceptions = await exceptionsOf('scan', reference, shared, given, env, name);
  const target = await openTarget(reference, setting);
  try {
    return await use(await judgeTarget(target, reference, exceptions, setting, name));
  } finally {
    target.image.close();
  }
}

type OpenTarget = Pick<ScanSubject, 'image' | 'inventory' | 'signed'>;

/** An image with its packages, signed as the options require. */
export async function openTarget(
  reference: string,
  { given, env, described }: Pick<ScanSetting, 'given' | 'env' | 'described'>,
): Promise<OpenTarget> {
  const type = given['from-attestation'];
  const attested = type && (await openAttested(reference, type, given, env));
  const signed = attested ? attested.signed : await requireSigned('scan', reference, given, env);
  const subject = attested ?? (await openSubject(reference, given, env, described));
  const { image } = subject;
  try {
    const inventory = requirePackages(subject.inventory, image.reference);
    if (!attested) requireSameImage(signed, image);
    return { image, inventory, signed };
  } catch (error) {
    image.close();
    throw error;
  }
}

/** An open image judged by the feed and by exceptions of its own. */
export async function judgeTarget(
  target: OpenTarget,
  reference: string,
  exceptions: GivenExceptions,
  { settings, bases }: Pick<ScanSetting, 'settings' | 'bases'>,
  name: string = stableImageName(target.image.reference),
): Promise<TargetResult<ScannedImage>> {
  const base = await bases?.of(target.image, reference);
  const { inventory } = target;
  const notes = [...inventory.notes, ...(base?.notes ?? [])];
  const scanned = await scanImage(
    { ...target, inventory: { ...inventory, notes }, name, exceptions, bases: base?.bases },
    settings,
  );
  return { found: scanned, end: (to) => concluded(scanOutcome(scanned, inventory), to) };
}
