import { inventoryWanted, readInventory } from '../../inventory/index.ts';
import { currentTime } from '../../io/clock.ts';
import { scanJson } from '../../report/scan-json.ts';
import { scanTable } from '../../report/scan-table.ts';
import { requireComplete, requireDatabase } from '../../runtime/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { ageOptions, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { imageChoice, imageHelp, imageOptions, openChosenImage } from '../options/image-choice.ts';
import { judgeImage, judgingOptions } from '../options/judging.ts';
import { exitCode, policyOptions, readPolicy } from '../options/policy.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...feedOptions,
  ...ageOptions,
  ...imageOptions,
  ...judgingOptions,
  ...policyOptions,
  output: outputs('scan'),
};

export const scan = defineCommand({
  name: 'scan',
  operands: ['IMAGE'],
  about: imageHelp,
  options,
  exitCodes: {
    0: 'fine',
    1: 'flaws at or above --fail-on',
    2: 'wrong use, or the image cannot be read',
    3: 'the feed is missing, stale or damaged',
    4:
      'the platform is unknown, not in the feed or past its end of life, there is no package database, or a package is ' +
      'not covered',
  },
  examples: ['scapfeed scan oci:./image --fail-on high -o table -o json=scan.json'],
  run,
});

async function run(
  { options: given, operands: [reference] }: Arguments<typeof options, ['IMAGE']>,
  terminal: Terminal,
): Promise<number> {
  const policy = readPolicy(given);
  const feed = openChosenFeed(given.feed, terminal.env);
  terminal.progress(`reading ${reference}`);
  const image = await openChosenImage(reference, imageChoice(given, inventoryWanted, terminal.env));
  try {
    const inventory = requireDatabase(readInventory(image.files, image.labels), image.reference);
    const result = judgeImage(feed, image, inventory, given, currentTime());
    const listed = result.verdicts.filter((verdict) => policy.all || verdict.hidden === undefined);
    const shown = listed.filter(policy.shows);
    writeOutputs(terminal, given.output, {
      json: () => scanJson(result, result.verdicts.filter(policy.shows)),
      table: ({ toTerminal }) =>
        scanTable(result, shown, {
          color: terminal.color && toTerminal,
          all: policy.all,
          filtered: listed.filter((verdict) => !policy.shows(verdict)),
        }),
    });
    const code = exitCode(result, shown, policy, terminal);
    requireComplete(inventory);
    return code;
  } finally {
    image.close();
    feed.close();
  }
}
