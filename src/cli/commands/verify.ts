import { currentTime } from '../../io/clock.ts';
import { stableImageName } from '../../report/scan/words.ts';
import { imageOptions, targetOptions } from '../../tasks/image/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { flagNames } from '../../tasks/outcome.ts';
import { parametersOf } from '../../tasks/parameters.ts';
import type { ChosenPolicy } from '../../tasks/policy/exceptions.ts';
import { policyFileOptions } from '../../tasks/policy/options.ts';
import { requireSignedOptions } from '../../tasks/signed/options.ts';
import { requireSameImage } from '../../tasks/signed/same-image.ts';
import { type FoundVerification, verificationReports } from '../../tasks/verify/formats.ts';
import { verificationOutcome } from '../../tasks/verify/gate.ts';
import { verifyOptions } from '../../tasks/verify/options.ts';
import { allowanceOf, verifyImage } from '../../tasks/verify/run.ts';
import { verifyInspection, verifyWanted } from '../../verify/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { withoutEarlierReports } from '../earlier-reports.ts';
import { askedTargets, forTargets } from '../for-targets.ts';
import { filesImageHelp, imageChoice, openChosenImage } from '../options/image-choice.ts';
import { readChosenPolicy, withPolicyOptions } from '../options/policy-file.ts';
import { requireSigned } from '../options/require-signed.ts';
import { outputs } from '../outputs.ts';
import { concluded, type TargetResult } from '../target-run.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...verifyOptions,
  ...policyFileOptions,
  ...imageOptions,
  ...targetOptions,
  ...requireSignedOptions,
  output: outputs('verify'),
};

export const verify = defineCommand({
  name: 'verify',
  operands: ['[IMAGE...]'],
  synopsis: 'IMAGE... [OPTIONS]',
  about: filesImageHelp,
  options,
  notes: `Kinds of deviation:
  unowned     executables and libraries (recognised by content) that no package
              owns
  changed     content, type or link target differs from the package; config:
              the same for configuration files
  missing     installed by a package, but absent
  setuid, capability, world-writable
              permissions that neither a package nor dpkg-statoverride explains
  attributes  mode or owner differs from the package (rpm only)`,
  exitCodes: {
    0: 'fine',
    1: 'a deviation of a kind in --fail-on, or not signed as --require-signed requires',
    2: 'the image cannot be read',
    4: 'there is no package database, it lists fewer packages than it declares, a package has no list of its files, or the image has no signature at all',
  },
  examples: [
    "scapfeed verify oci:./image --allow '/app/**' --fail-on unowned,changed,setuid",
    "scapfeed verify 'images/*.tar' --targets list.txt -o table -o sarif=all.sarif",
  ],
  run: withoutEarlierReports('verify', run),
});

async function run(
  { options: typed, operands, decided }: Arguments<typeof options, ['[IMAGE...]']>,
  terminal: Terminal,
): Promise<number> {
  const asked = askedTargets('verify', operands, typed);
  const chosen = await readChosenPolicy('verify', typed);
  const given = withPolicyOptions('verify', options, { options: typed, decided }, chosen);
  return forTargets({
    command: 'verify',
    asked,
    outputs: given.output,
    reports: verificationReports,
    terminal,
    isGated: given['fail-on'] !== undefined,
    judge: (reference, to, use, name) => verifyTarget(reference, { given, chosen }, to, use, name),
  });
}

/** Compares the files of one image with its packages; `use` has the result as long as the image is open. */
async function verifyTarget<T>(
  reference: string,
  { given, chosen }: { given: OptionValues<typeof options>; chosen: ChosenPolicy | undefined },
  terminal: Terminal,
  use: (result: TargetResult<FoundVerification>) => Promise<T>,
  name?: string,
): Promise<T> {
  const { all } = given;
  const allowed = await allowanceOf(given.allow ?? [], chosen, currentTime());
  const signed = await requireSigned('verify', reference, given, terminal.env);
  const choice = imageChoice(given, verifyWanted, terminal.env);
  const image = await openChosenImage(reference, { ...choice, inspection: verifyInspection });
  try {
    terminal.progress(`comparing the files of ${reference}`);
    requireSameImage(signed, image);
    const result = { ...verifyImage(image, allowed), ...(signed && { signed }) };
    const gate = parametersOf(given);
    return await use({
      found: { name: name ?? stableImageName(image.reference), result, all },
      end: (to) => concluded(verificationOutcome(result, gate, flagNames), to),
    });
  } finally {
    image.close();
  }
}
