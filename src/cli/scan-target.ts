import type { Environment } from '../model/index.ts';
import { stableImageName } from '../report/scan/words.ts';
import { requireDatabase } from '../runtime/index.ts';
import type { OptionValues } from '../tasks/option.ts';
import type { ScannedImage } from '../tasks/scan/formats.ts';
import type { policyOptions } from '../tasks/scan/options.ts';
import { scanOutcome } from '../tasks/scan/run.ts';
import { requireSameImage } from '../tasks/signed/same-image.ts';
import { concluded } from './concluded.ts';
import { type attestationOptions, openAttested } from './options/attested-subject.ts';
import { type exceptionOptions, exceptionsOf, type SharedExceptions } from './options/exceptions.ts';
import type { ageOptions, ChosenFeed } from './options/feed-choice.ts';
import type { imageOptions } from './options/image-choice.ts';
import type { judgingOptions } from './options/judging.ts';
import { requireSigned, type requireSignedOptions } from './options/require-signed.ts';
import { openSubject } from './options/subject.ts';
import { scanImage } from './scanned.ts';
import type { TargetResult } from './target-run.ts';

type TargetOptions = OptionValues<
  typeof ageOptions &
    typeof imageOptions &
    typeof requireSignedOptions &
    typeof attestationOptions &
    typeof judgingOptions &
    typeof policyOptions &
    typeof exceptionOptions
>;

/** Settings that the images of a scan share. */
export interface ScanSetting {
  feed: ChosenFeed;
  given: TargetOptions;
  exceptions: SharedExceptions;
  now: Date;
  /** Packages will be described, with their licences. */
  described: boolean;
  env: Environment;
}

/** Reads one image and judges it; `use` has it as long as it is open. `name` distinguishes it from others of the scan. */
export async function scanTarget<T>(
  reference: string,
  { feed, given, exceptions: shared, now, described, env }: ScanSetting,
  use: (result: TargetResult<ScannedImage>) => Promise<T>,
  name?: string,
): Promise<T> {
  const exceptions = await exceptionsOf('scan', reference, shared, given, env, name);
  const type = given['from-attestation'];
  const attested = type && (await openAttested(reference, type, given, env));
  const signed = attested ? attested.signed : await requireSigned('scan', reference, given, env);
  const subject = attested ?? (await openSubject(reference, given, env, described));
  const { image } = subject;
  try {
    const inventory = requireDatabase(subject.inventory, image.reference);
    if (!attested) requireSameImage(signed, image);
    const about = {
      image,
      name: name ?? stableImageName(image.reference),
      inventory,
      signed,
      exceptions,
    };
    const scanned = await scanImage(feed, about, given, now, env);
    const { report, listing } = scanned;
    return await use({
      found: { name: report.name, report, listing },
      end: (to) => concluded(scanOutcome(scanned, inventory), to),
    });
  } finally {
    image.close();
  }
}
