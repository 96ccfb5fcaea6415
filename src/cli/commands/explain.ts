import { currentTime } from '../../io/clock.ts';
import {
  type ExplainedPackages,
  explainedPackagesJson,
  explainedPackagesText,
} from '../../report/explained-packages.ts';
import { type Explained, explainedJson, explainedText } from '../../report/explanation.ts';
import { plural } from '../../report/text-table.ts';
import { requireComplete, requirePackages } from '../../runtime/index.ts';
import { explainIn, packagesWith } from '../../tasks/explain/run.ts';
import { completely } from '../../tasks/feed.ts';
import { ageOptions, feedOptions, publishedFeedOptions } from '../../tasks/feed-options.ts';
import { imageOptions } from '../../tasks/image/options.ts';
import { gapMessages } from '../../tasks/scan/gate.ts';
import { judgingOptions } from '../../tasks/scan/options.ts';
import { snapshotOptions } from '../../tasks/snapshots/options.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { openAnyFeed } from '../options/feed-choice.ts';
import { imageHelp } from '../options/image-choice.ts';
import { judgeChoice } from '../options/judging.ts';
import { snapshotsWith } from '../options/snapshot-choice.ts';
import { openSubject } from '../options/subject.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...feedOptions,
  ...publishedFeedOptions,
  ...ageOptions,
  ...imageOptions,
  ...judgingOptions,
  ...snapshotOptions,
  output: outputs('explain'),
};

export const explain = defineCommand({
  name: 'explain',
  operands: ['IMAGE', 'VULNERABILITY', '[PACKAGE]'],
  about: `VULNERABILITY is a CVE, another id in the feed, or an advisory (all flaws that it fixes in the package).
PACKAGE is the name of an installed package, of its source, or of a Red Hat container. Without it, the packages of
the image
with a verdict about the vulnerability are listed.

${imageHelp}`,
  options,
  exitCodes: {
    0: 'the feed has a statement about it',
    2: 'there is no such package or vulnerability, or the image cannot be read',
    3: 'the feed is missing, stale or damaged',
    4:
      'the package is not covered, the release is past its end of life, the feed does not have the ' +
      "vulnerability, or the image's product metadata cannot be read",
  },
  examples: ['scapfeed explain oci:./image CVE-2023-0286 libssl3'],
  run,
});

async function run(
  { options: given, operands, again }: Arguments<typeof options, ['IMAGE', 'VULNERABILITY', '[PACKAGE]']>,
  terminal: Terminal,
): Promise<number> {
  const [reference, vulnerability, name] = operands;
  const feed = await openAnyFeed('explain', given, terminal);
  const store = snapshotsWith(feed.manifest.inputs, given, terminal.env);
  const subject = await openSubject(reference, given, terminal.env);
  const { image } = subject;
  const how = judgeChoice(given, currentTime());
  try {
    const inventory = requirePackages(subject.inventory, image.reference);
    if (name === undefined) {
      const listed = await completely(feed, (whole) =>
        packagesWith(vulnerability, image, inventory, whole, how),
      );
      await writeOutputs(terminal, given.output, {
        json: () => explainedPackagesJson(listed),
        table: () => explainedPackagesText(listed, { place: image.place, options: again }),
      });
      requireComplete(inventory);
      return exitCode(listed, terminal);
    }
    const explained = await completely(feed, (whole) =>
      explainIn(image, inventory, whole, store, how, { vulnerability, name }),
    );
    await writeOutputs(terminal, given.output, {
      json: () => explainedJson(explained),
      table: () => explainedText(explained),
    });
    requireComplete(inventory);
    return exitCode(explained, terminal);
  } finally {
    image.close();
    feed.close();
  }
}

/** The absence of statements does not clear a package without data, or a vulnerability that the feed does not name. */
function exitCode(
  { uncovered, known, vulnerability, platform, gaps }: Explained | ExplainedPackages,
  terminal: Terminal,
): number {
  for (const message of gapMessages(gaps, platform)) terminal.err(message);
  if (gaps.length > 0) return 4;
  const unjudged = typeof uncovered === 'number' ? uncovered : uncovered.length;
  if (unjudged > 0) {
    terminal.err(`not covered: ${plural(unjudged, 'package')} without data in this feed`);
    return 4;
  }
  if (known) return 0;
  terminal.err(`not covered: nothing in this feed names ${vulnerability}`);
  return 4;
}
