import { databaseDate, hasSbom, sbomSubject } from '../../acts/sbom-subject.ts';
import type { Image, Inventory } from '../../model/index.ts';
import { inventoryTable } from '../../report/inventory-table.ts';
import { inventoryManifest } from '../../report/manifest.ts';
import { platformName, requireComplete, requireDatabase } from '../../runtime/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { repeatable, text } from '../option.ts';
import { imageHelp, imageOptions, judgedPlatform } from '../options/image-choice.ts';
import { openSubject } from '../options/subject.ts';
import type { FormatOf } from '../output-formats.ts';
import { json, outputs, type Writers, writeOutputs } from '../outputs.ts';
import { isoSeconds, sourceDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  ...imageOptions,
  platform: {
    ...repeatable(
      text(
        'ID|OS/ARCH',
        'an id: name this platform in the manifest form; OS/ARCH: which image of a multi-platform index (default: ' +
          'linux/amd64)',
      ),
    ),
    group: 'Image',
  },
  output: outputs('inventory'),
};

export const inventory = defineCommand({
  name: 'inventory',
  operands: ['IMAGE'],
  about: imageHelp,
  options,
  exitCodes: {
    0: 'fine',
    2: 'the image cannot be read',
    4: 'there is no readable package database, or it lists fewer packages than it declares',
  },
  examples: ['scapfeed inventory oci:./image -o cyclonedx=bom.json'],
  run,
});

async function run(
  { options: given, operands: [reference] }: Arguments<typeof options, ['IMAGE']>,
  terminal: Terminal,
): Promise<number> {
  terminal.progress(`reading ${reference}`);
  const subject = await openSubject(reference, given, terminal.env, hasSbom(given.output));
  const { image } = subject;
  try {
    const read = requireDatabase(subject.inventory, image.reference);
    const found = { ...read, notes: [...image.notes, ...read.notes] };
    const platform = judgedPlatform(given.platform) ?? (found.os ? platformName(found.os) : 'unknown');
    const date = isoSeconds(sourceDate(terminal.env) ?? databaseDate(image, found));
    await writeOutputs(terminal, given.output, writersOf(image, found, platform, date));
    requireComplete(read);
    return 0;
  } finally {
    image.close();
  }
}

function writersOf(
  image: Image,
  found: Inventory,
  platform: string,
  date: string,
): Writers<FormatOf<'inventory'>> {
  const { reference, digest, architecture, files } = image;
  const { layers } = files;
  const release = found.os?.pointRelease;
  const sbom = () => sbomSubject(image, found, date);
  return {
    table: () => inventoryTable(reference, found, layers),
    json: () => json({ image: { reference, digest, architecture, layers }, ...found }),
    cyclonedx: async () => (await import('../../report/sbom/cyclonedx.ts')).inventoryCycloneDx(sbom(), '1.6'),
    'cyclonedx-1.7': async () =>
      (await import('../../report/sbom/cyclonedx.ts')).inventoryCycloneDx(sbom(), '1.7'),
    spdx: async () => (await import('../../report/sbom/spdx.ts')).inventorySpdx(sbom()),
    manifest: () => inventoryManifest(found, { id: platform, ...(release === undefined ? {} : { release }) }),
  };
}
