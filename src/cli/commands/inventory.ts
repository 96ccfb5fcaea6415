import { isoSeconds } from '../../model/data-date.ts';
import { stableImageName } from '../../report/scan/words.ts';
import { platformName, requireComplete, requirePackages } from '../../runtime/index.ts';
import { databaseDate, hasSbom } from '../../tasks/image/sbom-subject.ts';
import { type FoundInventory, inventoryReports } from '../../tasks/inventory/formats.ts';
import { inventoryOptions } from '../../tasks/inventory/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { withoutEarlierReports } from '../earlier-reports.ts';
import { askedTargets, forTargets } from '../for-targets.ts';
import { imageHelp, judgedPlatform } from '../options/image-choice.ts';
import { openSubject } from '../options/subject.ts';
import { outputs } from '../outputs.ts';
import { sourceDate } from '../source-date.ts';
import type { TargetResult } from '../target-run.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...inventoryOptions, output: outputs('inventory') };

export const inventory = defineCommand({
  name: 'inventory',
  operands: ['[IMAGE...]'],
  synopsis: 'IMAGE... [OPTIONS]',
  about: imageHelp,
  options,
  exitCodes: {
    0: 'fine',
    2: 'the image cannot be read',
    4: 'there is no readable package database, or it lists fewer packages than it declares',
  },
  examples: [
    'scapfeed inventory oci:./image -o cyclonedx=bom.json',
    "scapfeed inventory 'images/*.tar' -o table -o spdx='{name}.spdx.json'",
  ],
  run: withoutEarlierReports('inventory', run),
});

async function run(
  { options: given, operands }: Arguments<typeof options, ['[IMAGE...]']>,
  terminal: Terminal,
): Promise<number> {
  const asked = askedTargets('inventory', operands, given);
  return forTargets({
    command: 'inventory',
    asked,
    outputs: given.output,
    reports: inventoryReports,
    terminal,
    isGated: false,
    judge: (reference, to, use, name) => inventoryTarget(reference, given, to, use, name),
  });
}

/** Reads one image; `use` has what it holds as long as it is open. */
async function inventoryTarget<T>(
  reference: string,
  given: OptionValues<typeof options>,
  { env }: Terminal,
  use: (result: TargetResult<FoundInventory>) => Promise<T>,
  name?: string,
): Promise<T> {
  const subject = await openSubject(reference, given, env, hasSbom(given.output));
  const { image } = subject;
  try {
    const read = requirePackages(subject.inventory, image.reference);
    const inventory = { ...read, notes: [...image.notes, ...read.notes] };
    return await use({
      found: {
        name: name ?? stableImageName(image.reference),
        image,
        inventory,
        platform: judgedPlatform(given.platform) ?? (inventory.os ? platformName(inventory.os) : 'unknown'),
        date: isoSeconds(sourceDate(env) ?? databaseDate(image, inventory)),
      },
      end: () => {
        requireComplete(read);
        return 0;
      },
    });
  } finally {
    image.close();
  }
}
