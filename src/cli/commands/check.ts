import { inventoryPackageFile } from '../../inventory/index.ts';
import { currentTime } from '../../io/clock.ts';
import { noteText } from '../../report/note-text.ts';
import { stableImageName } from '../../report/scan/words.ts';
import { requireDatabase } from '../../runtime/index.ts';
import { checkReports, type FoundCheck } from '../../tasks/check/formats.ts';
import { checkOutcome } from '../../tasks/check/gate.ts';
import { checkRuleOptions } from '../../tasks/check/options.ts';
import { patchAnswers } from '../../tasks/check/patch-answers.ts';
import { complyingOptions } from '../../tasks/comply/options.ts';
import { type ChosenContent, wantedOfImage } from '../../tasks/comply/run.ts';
import { ageOptions, feedOptions, publishedFeedOptions } from '../../tasks/feed-options.ts';
import { imageOptions, targetOptions } from '../../tasks/image/options.ts';
import { wholeInventory } from '../../tasks/image/whole-inventory.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { flagNames } from '../../tasks/outcome.ts';
import { parametersOf } from '../../tasks/parameters.ts';
import { exceptionOptions } from '../../tasks/policy/options.ts';
import { waive } from '../../tasks/policy/waivers.ts';
import { judgingOptions, policyOptions } from '../../tasks/scan/options.ts';
import { type ScanSettings, scanImage } from '../../tasks/scan/run.ts';
import { requireSignedOptions } from '../../tasks/signed/options.ts';
import { requireSameImage } from '../../tasks/signed/same-image.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { withoutEarlierReports } from '../earlier-reports.ts';
import { askedTargets, forTargets } from '../for-targets.ts';
import { evaluate, openChosenContent } from '../options/complying.ts';
import { exceptionsOf, readSharedExceptions, type SharedExceptions } from '../options/exceptions.ts';
import { openAnyFeed } from '../options/feed-choice.ts';
import { filesImageHelp, imageChoice, openChosenImage } from '../options/image-choice.ts';
import { scanChoice } from '../options/judging.ts';
import { requireSigned } from '../options/require-signed.ts';
import { outputs } from '../outputs.ts';
import { concluded, type TargetResult } from '../target-run.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...complyingOptions,
  ...feedOptions,
  ...publishedFeedOptions,
  ...ageOptions,
  ...imageOptions,
  ...targetOptions,
  ...requireSignedOptions,
  ...judgingOptions,
  ...policyOptions,
  ...exceptionOptions,
  ...checkRuleOptions,
  output: outputs('check'),
};

export const check = defineCommand({
  name: 'check',
  operands: ['[IMAGE...]'],
  synopsis: 'IMAGE... [OPTIONS]',
  about: `${filesImageHelp}

The image is read once for both results: its flaws, as in scan, and its configuration by a profile, as in comply.`,
  options,
  exitCodes: {
    0: 'fine',
    1:
      'flaws at or above --fail-on, a failed rule at or above --fail-on-rule, or not signed as ' +
      '--require-signed requires',
    2: 'wrong use, or the image cannot be read',
    3: 'the feed or its content is missing, stale or damaged',
    4: 'as for scan and comply: not covered, nothing applies, not judged, or not signed at all',
  },
  examples: ['scapfeed check debian:12 --profile anssi_bp28_minimal --fail-on high --fail-on-rule high'],
  run: withoutEarlierReports('check', run),
});

async function run(
  { options: given, operands }: Arguments<typeof options, ['[IMAGE...]']>,
  terminal: Terminal,
): Promise<number> {
  const asked = askedTargets('check', operands, given);
  const exceptions = await readSharedExceptions('check', given, terminal.env);
  const feed = await openAnyFeed('check', given, terminal);
  const settings = scanChoice(feed, given, currentTime(), terminal.env);
  const contents = await openChosenContent('check', given, () => feed);
  const setting = { given, exceptions, settings, contents };
  try {
    return await forTargets({
      command: 'check',
      asked,
      outputs: given.output,
      reports: checkReports,
      terminal,
      isGated: (given['fail-on'] ?? given['fail-on-rule']) !== undefined,
      judge: (reference, to, use, name) => checkTarget(reference, setting, to, use, name),
    });
  } finally {
    feed.close();
  }
}

interface CheckSetting {
  given: OptionValues<typeof options>;
  exceptions: SharedExceptions;
  settings: ScanSettings;
  contents: ChosenContent;
}

/** Judges packages and configuration of one image; `use` has both results as long as the image is open. */
async function checkTarget<T>(
  reference: string,
  { given, exceptions: shared, settings, contents }: CheckSetting,
  terminal: Terminal,
  use: (result: TargetResult<FoundCheck>) => Promise<T>,
  name?: string,
): Promise<T> {
  const exceptions = await exceptionsOf('check', reference, shared, given, terminal.env, name);
  const { wanted, ...inspected } = wantedOfImage(contents);
  const signed = await requireSigned('check', reference, given, terminal.env);
  const image = await openChosenImage(reference, {
    ...imageChoice(given, wanted, terminal.env),
    packageFiles: inventoryPackageFile,
    ...inspected,
  });
  try {
    const inventory = requireDatabase(wholeInventory(image), image.reference);
    requireSameImage(signed, image);
    const subject = { image, name: name ?? stableImageName(image.reference), inventory, signed, exceptions };
    const scanned = await scanImage(subject, settings);
    const { report, listing } = scanned;
    const compliance = evaluate(contents, image, given, terminal, {
      inventory: () => inventory,
      answers: patchAnswers(report.result),
    });
    const { result } = await waive(compliance, exceptions.policy, settings.how.now);
    const gate = parametersOf(given);
    return await use({
      found: { name: subject.name, report, listing, result, all: given.all },
      end: (to) => {
        for (const note of result.notes ?? []) to.err(noteText(note));
        return concluded(checkOutcome(scanned, inventory, result, gate, flagNames), to);
      },
    });
  } finally {
    image.close();
  }
}
