import { requireApplicable } from '../../acts/comply-image.ts';
import { requireSources } from '../../acts/gate.ts';
import { waive } from '../../acts/waivers.ts';
import { wholeInventory } from '../../acts/whole-inventory.ts';
import { wantedInspection, wantedPredicate } from '../../comply/index.ts';
import { inventoryWanted, programWanted } from '../../inventory/index.ts';
import { currentTime } from '../../io/clock.ts';
import { checkHtml } from '../../report/check/html.ts';
import { complianceJson } from '../../report/comply/json.ts';
import { complianceTable } from '../../report/comply/table.ts';
import { noteText } from '../../report/note-text.ts';
import { scanJson } from '../../report/scan/json.ts';
import { stableImageName } from '../../report/scan/words.ts';
import { assessmentOrigins, requireComplete, requireDatabase } from '../../runtime/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import {
  complyingOptions,
  evaluate,
  failOnRules,
  openChosenContent,
  rulesCode,
} from '../options/complying.ts';
import { exceptionOptions, readExceptions } from '../options/exceptions.ts';
import { ageOptions, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { imageChoice, imageHelp, imageOptions, openChosenImage } from '../options/image-choice.ts';
import { judgingOptions } from '../options/judging.ts';
import { policyOptions, readPolicy } from '../options/policy.ts';
import { requireSameImage, requireSigned, requireSignedOptions } from '../options/require-signed.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import { scanImage } from '../scanned.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...complyingOptions,
  ...feedOptions,
  ...ageOptions,
  ...imageOptions,
  ...requireSignedOptions,
  ...judgingOptions,
  ...policyOptions,
  ...exceptionOptions,
  'fail-on-rule': failOnRules,
  output: outputs('check'),
};

export const check = defineCommand({
  name: 'check',
  operands: ['IMAGE'],
  about: `${imageHelp}

The image is read once, for both results: its flaws by the feed, as of scan, and its configuration by a profile, as of comply.`,
  options,
  exitCodes: {
    0: 'fine',
    1: 'flaws at or above --fail-on, or a rule failed at or above --fail-on-rule, or not signed as --require-signed asks',
    2: 'wrong use, or the image cannot be read',
    3: 'the feed or its content is missing, stale or damaged',
    4: 'what scan or comply ends with 4 for: not covered, nothing applies, not judged, or not signed at all',
  },
  examples: ['scapfeed check debian:12 --profile anssi_bp28_minimal --fail-on high --fail-on-rule high'],
  run,
});

async function run(
  { options: given, operands: [reference] }: Arguments<typeof options, ['IMAGE']>,
  terminal: Terminal,
): Promise<number> {
  const exceptions = await readExceptions('check', reference, given, terminal.env);
  const feed = openChosenFeed(given.feed, terminal.env);
  const now = currentTime();
  requireSources(readPolicy(given), assessmentOrigins(feed.manifest, now));
  const contents = await openChosenContent('check', given, () => feed);
  const contentWanted = wantedPredicate(contents.wanted);
  const wanted = (file: string) => inventoryWanted(file) || contentWanted(file);
  const inspection = wantedInspection(contents.wanted);
  const signed = await requireSigned('check', reference, given, terminal.env);
  terminal.progress(`reading ${reference}`);
  const image = await openChosenImage(reference, {
    ...imageChoice(given, wanted, terminal.env),
    programs: programWanted,
    ...(inspection === undefined ? {} : { inspection }),
  });
  try {
    const inventory = requireDatabase(wholeInventory(image), image.reference);
    requireSameImage(signed, image);
    const scanned = await scanImage(
      feed,
      { image, name: stableImageName(image.reference), inventory, signed, exceptions },
      given,
      now,
      terminal,
    );
    const compliance = evaluate(contents, image, given, terminal, () => inventory);
    const { result } = await waive(compliance, exceptions.policy, now);
    await writeOutputs(terminal, given.output, {
      html: () => checkHtml(scanned.report, result),
      json: () => joined(scanJson(scanned.report), complianceJson(result)),
      table: (view) =>
        `${scanned.table(view)}\n${complianceTable(result, { color: terminal.color && view.toTerminal, all: given.all })}`,
    });
    for (const note of result.notes ?? []) terminal.err(noteText(note));
    scanned.messages.forEach(terminal.err);
    const gate = {
      option: '--fail-on-rule',
      failOn: given['fail-on-rule'],
      allowUnjudged: given['allow-unjudged'],
    };
    const ofRules = rulesCode(result, gate, terminal);
    requireApplicable(result);
    requireComplete(inventory);
    return Math.max(scanned.outcome.exitCode, ofRules);
  } finally {
    image.close();
    feed.close();
  }
}

/** `{"scan": …, "comply": …}`: each as its own command writes it. */
function* joined(scan: Iterable<string>, comply: string): Iterable<string> {
  yield '{"scan":';
  yield* scan;
  yield `,"comply":${comply.trimEnd()}}\n`;
}
