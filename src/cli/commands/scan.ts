import { inventoryWanted, readInventory } from '../../inventory/index.ts';
import { currentTime } from '../../io/clock.ts';
import { scanJson } from '../../report/scan-json.ts';
import { scanTable } from '../../report/scan-table.ts';
import { requireComplete, requireDatabase } from '../../runtime/index.ts';
import type { Arguments, Command } from '../command.ts';
import { ageHelp, feedHelp, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { imageChoice, imageHelp, imageOptions, openChosenImage } from '../options/image-choice.ts';
import { judgeImage, judgingHelp, judgingOptions } from '../options/judging.ts';
import { exitCode, policyHelp, policyOptions, readPolicy } from '../options/policy.ts';
import { outputChoices, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

export const scan: Command = {
  name: 'scan',
  synopsis: 'IMAGE [OPTIONS]',
  summary: "judge an image's packages by a feed, offline",
  help: `${imageHelp}
${feedHelp}${ageHelp}${judgingHelp}${policyHelp}  -o FORMAT[=FILE]   table (default) or json; repeatable

Exit codes: 0 fine; 1 flaws at or above --fail-on; 3 feed missing, stale or damaged; 4 the platform is unknown, not
in the feed or past its end of life, there is no package database, or a package is not covered.

Example:
  scapfeed scan oci:./image --fail-on high -o table -o json=scan.json
`,
  options: {
    ...feedOptions,
    ...imageOptions,
    ...judgingOptions,
    ...policyOptions,
    output: { type: 'string', short: 'o', multiple: true },
  },
  positionals: { min: 1, max: 1 },
  run,
};

async function run({ values, positionals }: Arguments, terminal: Terminal): Promise<number> {
  const outputs = outputChoices(scan, values['output'] as string[] | undefined, ['table', 'json']);
  const policy = readPolicy(values);
  const feed = openChosenFeed(values, terminal.env);
  terminal.progress(`reading ${positionals[0]}`);
  const image = await openChosenImage(positionals[0]!, imageChoice(values, inventoryWanted, terminal.env));
  try {
    const inventory = requireDatabase(readInventory(image.files, image.labels), image.reference);
    const result = judgeImage(feed, image, inventory, values, currentTime());
    const listed = result.verdicts.filter((verdict) => policy.all || verdict.hidden === undefined);
    const shown = listed.filter(policy.shows);
    writeOutputs(terminal, outputs, (format, toTerminal) =>
      format === 'json'
        ? scanJson(result, result.verdicts.filter(policy.shows))
        : scanTable(result, shown, {
            color: terminal.color && toTerminal,
            all: policy.all,
            filtered: listed.filter((verdict) => !policy.shows(verdict)),
          }),
    );
    const code = exitCode(result, shown, policy, terminal);
    requireComplete(inventory);
    return code;
  } finally {
    image.close();
    feed.close();
  }
}
