import { currentTime } from '../../io/clock.ts';
import type { Wanted } from '../../model/inventory/index.ts';
import { comparedResultsText } from '../../report/compared-results.ts';
import { requireComplete } from '../../runtime/index.ts';
import { compareOptions } from '../../tasks/compare/options.ts';
import { compareWith, type OtherFile, otherResult } from '../../tasks/compare/run.ts';
import { completely } from '../../tasks/feed.ts';
import { usage } from '../../tasks/given-words.ts';
import { sbomFile } from '../../tasks/image/sbom-subject.ts';
import { flagNames } from '../../tasks/outcome.ts';
import { coverage } from '../../tasks/scan/gate.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { openAnyFeed } from '../options/feed-choice.ts';
import { imageChoice, imageHelp, openChosenImage } from '../options/image-choice.ts';
import { judgeChoice } from '../options/judging.ts';
import { openSubject } from '../options/subject.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...compareOptions, output: outputs('compare') };

export const compare = defineCommand({
  name: 'compare',
  operands: ['IMAGE'],
  about: imageHelp,
  options,
  exitCodes: {
    0: 'the results were compared, whether or not they differ',
    2: 'wrong use, or the image or the result cannot be read',
    3: 'the feed is missing, stale or damaged',
    4:
      'the image is not fully covered: its platform is unknown, not in the feed or past its end of life, packages have ' +
      'no data, or the package database is missing or incomplete',
  },
  notes: `Each difference has a cause and an explanation from the vendor's own record; -o json has all of them, with
the location of that record.`,
  examples: [
    'scapfeed compare oci:./image --trivy trivy.json',
    'scapfeed compare oci:./image --content vendor.oval.xml.bz2',
  ],
  run,
});

async function run(
  { options: given, operands: [reference] }: Arguments<typeof options, ['IMAGE']>,
  terminal: Terminal,
): Promise<number> {
  const { trivy, grype, content } = given;
  if ([trivy, grype, content].filter((file) => file !== undefined).length !== 1)
    throw usage(
      'compare',
      'expected one result of another scanner, or one document',
      'specify it with --trivy FILE, --grype FILE or --content FILE',
    );
  const asked: OtherFile =
    content !== undefined
      ? { kind: 'content', file: content }
      : trivy === undefined
        ? { kind: 'grype', file: grype! }
        : { kind: 'trivy', file: trivy };
  const isSbom = (await sbomFile(reference)) !== undefined;
  const sbom = isSbom ? await openSubject(reference, given, terminal.env) : undefined;
  const open = async (wanted: Wanted) =>
    sbom ?? { image: await openChosenImage(reference, imageChoice(given, wanted, terminal.env)) };
  const other = await otherResult(asked, open, outputDate(terminal.env));
  const feed = await openAnyFeed('compare', given, terminal);
  const { image, inventory } = sbom ?? (await openSubject(reference, given, terminal.env));
  try {
    const how = judgeChoice(given, currentTime());
    const compared = await completely(feed, (whole) => compareWith(other, whole, image, inventory, how));
    await writeOutputs(terminal, given.output, {
      json: () => json(compared),
      table: () => comparedResultsText(compared),
    });
    requireComplete(inventory);
    const judged = { gaps: compared.gaps, platform: { name: compared.platform } };
    const policy = { allowUncovered: given['allow-uncovered'] };
    return coverage(judged, policy, terminal.err, flagNames) ? 4 : 0;
  } finally {
    image.close();
    feed.close();
  }
}
