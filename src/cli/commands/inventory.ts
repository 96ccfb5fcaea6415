import { databaseDate, hasSbom, sbomSubject } from '../../acts/sbom-subject.ts';
import type { Image, Inventory } from '../../model/index.ts';
import { inventoryTable } from '../../report/inventory-table.ts';
import { inventoryManifest } from '../../report/manifest.ts';
import { stableImageName } from '../../report/scan/words.ts';
import { platformName, requireComplete, requireDatabase } from '../../runtime/index.ts';
import { type OptionValues, repeatable, text } from '../../tasks/option.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { withoutEarlierReports } from '../earlier-reports.ts';
import { askedTargets, forTargets, type TargetRun } from '../for-targets.ts';
import type { FoundInventory } from '../found-inventory.ts';
import { inventorySeveral } from '../inventory-several.ts';
import { imageHelp, imageOptions, judgedPlatform } from '../options/image-choice.ts';
import { openSubject } from '../options/subject.ts';
import { targetOptions } from '../options/targets.ts';
import type { FormatOf } from '../output-formats.ts';
import { json, outputs, type Writers } from '../outputs.ts';
import { isoSeconds, sourceDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...imageOptions,
  ...targetOptions,
  platform: {
    ...repeatable(
      text(
        'ID|OS/ARCH',
        'an id: the platform to write in the manifest format; OS/ARCH: the image of a multi-platform index to ' +
          'use (default: linux/amd64)',
      ),
    ),
    group: 'Image',
  },
  output: outputs('inventory'),
};

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
  run: withoutEarlierReports(run),
});

async function run(
  { options: given, operands }: Arguments<typeof options, ['[IMAGE...]']>,
  terminal: Terminal,
): Promise<number> {
  const asked = askedTargets('inventory', operands, given);
  const run: TargetRun<FormatOf<'inventory'>, FoundInventory> = {
    command: 'inventory',
    asked,
    outputs: given.output,
    terminal,
    judge: (reference, to, use, name) => inventoryTarget(reference, given, to, use, name),
  };
  return forTargets(run, () => inventorySeveral(run));
}

/** Reads one image; `use` has what it holds as long as it is open. */
async function inventoryTarget<T>(
  reference: string,
  given: OptionValues<typeof options>,
  { env }: Terminal,
  use: (found: FoundInventory) => Promise<T>,
  name?: string,
): Promise<T> {
  const subject = await openSubject(reference, given, env, hasSbom(given.output));
  const { image } = subject;
  try {
    const read = requireDatabase(subject.inventory, image.reference);
    const found = { ...read, notes: [...image.notes, ...read.notes] };
    const platform = judgedPlatform(given.platform) ?? (found.os ? platformName(found.os) : 'unknown');
    const date = isoSeconds(sourceDate(env) ?? databaseDate(image, found));
    const { digest, architecture, files } = image;
    const { layers } = files;
    const table = () => inventoryTable(image.reference, found, layers);
    const document = () => ({
      image: { reference: image.reference, digest, architecture, layers },
      ...found,
    });
    return await use({
      name: name ?? stableImageName(image.reference),
      counts: {
        packages: found.packages.length,
        layers: layers.length,
        notes: found.notes.length,
      },
      table,
      json: () => json(document()),
      writers: { table, json: () => json(document()), ...lateWriters(image, found, platform, date) },
      end: () => {
        requireComplete(read);
        return 0;
      },
    });
  } finally {
    image.close();
  }
}

/** Writers of the formats that are loaded when they are asked for. */
function lateWriters(
  image: Image,
  found: Inventory,
  platform: string,
  date: string,
): Omit<Writers<FormatOf<'inventory'>>, 'table' | 'json'> {
  const release = found.os?.pointRelease;
  const sbom = () => sbomSubject(image, found, date);
  return {
    cyclonedx: async () => (await import('../../report/sbom/cyclonedx.ts')).inventoryCycloneDx(sbom(), '1.6'),
    'cyclonedx-1.7': async () =>
      (await import('../../report/sbom/cyclonedx.ts')).inventoryCycloneDx(sbom(), '1.7'),
    spdx: async () => (await import('../../report/sbom/spdx.ts')).inventorySpdx(sbom()),
    manifest: () => inventoryManifest(found, { id: platform, ...(release === undefined ? {} : { release }) }),
  };
}
