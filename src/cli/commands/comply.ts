import { currentTime } from '../../io/clock.ts';
import { noteText } from '../../report/note-text.ts';
import { stableImageName } from '../../report/scan/words.ts';
import { complianceReports, type FoundCompliance } from '../../tasks/comply/formats.ts';
import { complianceOutcome } from '../../tasks/comply/gate.ts';
import { complyingOptions, complyOptions, contentPlatform } from '../../tasks/comply/options.ts';
import { type ChosenContent, wantedOfImage } from '../../tasks/comply/run.ts';
import { feedOptions, publishedFeedOptions } from '../../tasks/feed-options.ts';
import { imageOptions, targetOptions } from '../../tasks/image/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { flagNames } from '../../tasks/outcome.ts';
import { parametersOf } from '../../tasks/parameters.ts';
import type { ChosenPolicy } from '../../tasks/policy/exceptions.ts';
import { policyFileOptions } from '../../tasks/policy/options.ts';
import { waive } from '../../tasks/policy/waivers.ts';
import { requireSignedOptions } from '../../tasks/signed/options.ts';
import { requireSameImage } from '../../tasks/signed/same-image.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { withoutEarlierReports } from '../earlier-reports.ts';
import { askedTargets, forTargets } from '../for-targets.ts';
import { evaluate, openChosenContent } from '../options/complying.ts';
import { type ChosenFeed, openAnyFeed } from '../options/feed-choice.ts';
import { filesImageHelp, imageChoice, openChosenImage } from '../options/image-choice.ts';
import { readChosenPolicy, withPolicyOptions } from '../options/policy-file.ts';
import { requireSigned } from '../options/require-signed.ts';
import { outputs } from '../outputs.ts';
import { concluded, type TargetResult } from '../target-run.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...complyingOptions,
  ...complyOptions,
  ...policyFileOptions,
  ...feedOptions,
  ...publishedFeedOptions,
  ...imageOptions,
  ...targetOptions,
  ...requireSignedOptions,
  platform: contentPlatform,
  output: outputs('comply'),
};

export const comply = defineCommand({
  name: 'comply',
  operands: ['[IMAGE...]'],
  synopsis: 'IMAGE... [OPTIONS]',
  about: `${filesImageHelp}

An image is judged as a container; dir: and the tar of a root file system are judged as a machine, unless they have
/run/.containerenv or /.dockerenv.`,
  options,
  exitCodes: {
    0: 'fine',
    1: 'a failed rule at or above --fail-on, or not signed as --require-signed requires',
    2: 'wrong use',
    3: 'the content is missing or malformed',
    4:
      'the content is for another platform, so nothing applies, the evaluation took too long, or a rule at or above ' +
      '--fail-on could not be judged, or most failed rules have no severity',
  },
  examples: [
    'scapfeed comply oci:./image --profile standard --fail-on high',
    'scapfeed comply oci:./image --content debian12.json --profile standard --fail-on medium -o table -o ' +
      'html=report.html',
    "scapfeed comply 'images/*.tar' --profile standard -o table -o html=all.html -o arf='{name}.arf.xml'",
  ],
  run: withoutEarlierReports('comply', run),
});

async function run(
  { options: typed, operands, decided }: Arguments<typeof options, ['[IMAGE...]']>,
  terminal: Terminal,
): Promise<number> {
  const asked = askedTargets('comply', operands, typed);
  const policy = await readChosenPolicy('comply', typed);
  const given = withPolicyOptions('comply', options, { options: typed, decided }, policy);
  let feed: ChosenFeed | undefined;
  const contents = await openChosenContent('comply', given, async () => {
    feed = await openAnyFeed('comply', given, terminal);
    return feed;
  }).finally(() => feed?.close());
  return forTargets({
    command: 'comply',
    asked,
    outputs: given.output,
    reports: complianceReports,
    terminal,
    isGated: given['fail-on'] !== undefined,
    judge: (reference, to, use, name) => complyTarget(reference, { given, policy, contents }, to, use, name),
  });
}

interface ComplySetting {
  given: OptionValues<typeof options>;
  policy: ChosenPolicy | undefined;
  contents: ChosenContent;
}

/** Judges one image by the content; `use` has the result as long as the image is open. */
async function complyTarget<T>(
  reference: string,
  { given, policy, contents }: ComplySetting,
  terminal: Terminal,
  use: (result: TargetResult<FoundCompliance>) => Promise<T>,
  name?: string,
): Promise<T> {
  const signed = await requireSigned('comply', reference, given, terminal.env);
  const { wanted, ...inspected } = wantedOfImage(contents);
  const image = await openChosenImage(reference, {
    ...imageChoice(given, wanted, terminal.env),
    ...inspected,
  });
  try {
    const compliance = await waive(evaluate(contents, image, given, terminal), policy, currentTime());
    requireSameImage(signed, image);
    const result = { ...compliance.result, ...(signed && { signed }) };
    const gate = parametersOf(given);
    // The last lines of a table have the same.
    const isTabled = given.output.some(({ format, file }) => format === 'table' && file === undefined);
    return await use({
      found: {
        name: name ?? stableImageName(image.reference),
        result,
        oval: compliance.oval,
        all: given.all,
      },
      end: (to) => {
        for (const note of result.notes ?? [])
          if (!(isTabled && note.code === 'scripts_not_run')) to.err(noteText(note));
        return concluded(complianceOutcome(result, gate, flagNames), to);
      },
    });
  } finally {
    image.close();
  }
}
