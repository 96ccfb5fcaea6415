import { basename } from 'node:path';
import { readContentBytes } from '../../acts/content-bytes.ts';
import { systemOf } from '../../acts/image-system.ts';
import { compareResults } from '../../compare/compare.ts';
import type { OtherResult } from '../../compare/other-result.ts';
import { ovalResult } from '../../compare/oval-result.ts';
import { readOtherResult } from '../../compare/read-result.ts';
import { evaluateOval, readOvalContent, wantedPredicate } from '../../comply/index.ts';
import { inventoryWanted, readInventory } from '../../inventory/index.ts';
import { currentTime } from '../../io/clock.ts';
import type { Environment } from '../../model/index.ts';
import { comparedResultsText } from '../../report/compared-results.ts';
import { judge, requireComplete, requireDatabase } from '../../runtime/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { type OptionValues, path } from '../option.ts';
import { ageOptions, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { imageChoice, imageHelp, imageOptions, openChosenImage } from '../options/image-choice.ts';
import { judgingOptions, platformOptions, settings, severityOptions } from '../options/judging.ts';
import { openSubject } from '../options/subject.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';
import { toolVersion } from '../version.ts';

const options = {
  trivy: path('FILE', 'a result of `trivy image --format json` on the same image'),
  grype: path('FILE', 'a result of `grype IMAGE -o json`'),
  content: path('FILE', "the vendor's own OVAL definitions, which are evaluated on the image"),
  ...feedOptions,
  ...ageOptions,
  ...imageOptions,
  ...judgingOptions,
  output: outputs('compare'),
};

export const compare = defineCommand({
  name: 'compare',
  operands: ['IMAGE'],
  about: imageHelp,
  options,
  exitCodes: {
    0: 'the results were compared, whether or not they differ',
    2: 'wrong use, or the image or the result cannot be read',
    3: 'the feed is missing, stale or damaged',
    4: 'the platform is unknown or not in the feed, or there is no complete package database',
  },
  notes: `Each difference has a cause and a sentence that says why, from the vendor's own record: -o json has all of them, with
the place of that record.`,
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
      'name it with --trivy FILE, --grype FILE or --content FILE',
    );
  const other =
    content !== undefined
      ? await evaluatedContent(content, reference, given, terminal.env)
      : trivy === undefined
        ? readOtherResult('grype', grype!)
        : readOtherResult('trivy', trivy);
  const feed = openChosenFeed(given.feed, terminal.env);
  const { image, inventory } = await openSubject(reference, given, terminal.env);
  try {
    requireDatabase(inventory, image.reference);
    const maxAge = given['max-age'];
    const judged = judge(feed, inventory, {
      ...platformOptions(given),
      ...severityOptions(given),
      settings: settings(given),
      now: currentTime(),
      all: true,
      ...(maxAge === undefined ? {} : { maxAge }),
    });
    const { platform, verdicts, uncovered } = judged;
    const own = { verdicts, uncovered, packages: inventory.packages, platform: platform.id };
    const compared = { platform: platform.id, ...compareResults(own, other) };
    await writeOutputs(terminal, given.output, {
      json: () =>
        json({ feed: feed.origin, image: image.reference, system: other.system ?? null, ...compared }),
      table: () => comparedResultsText(compared),
    });
    requireComplete(inventory);
    return 0;
  } finally {
    image.close();
    feed.close();
  }
}

/** What a vendor's OVAL says of the image, which is read once more for it. */
async function evaluatedContent(
  path: string,
  reference: string,
  given: OptionValues<typeof options>,
  env: Environment,
): Promise<OtherResult> {
  const content = readOvalContent(await readContentBytes(path), { name: basename(path), where: path });
  const contentWanted = wantedPredicate(content.wanted);
  const wanted = (file: string) => inventoryWanted(file) || contentWanted(file);
  const image = await openChosenImage(reference, imageChoice(given, wanted, env));
  try {
    const now = Math.floor(outputDate(env).getTime() / 1000);
    const { oval: _, ...evaluated } = evaluateOval(
      content,
      systemOf(image, () => readInventory(image.files)),
      {
        now,
        all: true,
      },
    );
    return ovalResult({
      tool: { name: 'scapfeed', version: toolVersion },
      image: { reference: image.reference },
      content: content.info,
      time: new Date(now * 1000).toISOString(),
      ...evaluated,
    });
  } finally {
    image.close();
  }
}
