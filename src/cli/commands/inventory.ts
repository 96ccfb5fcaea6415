import { inventoryWanted, readInventory } from '../../inventory/index.ts';
import type { Image, Inventory } from '../../model/index.ts';
import { cycloneDx } from '../../report/cyclonedx.ts';
import { inventoryTable } from '../../report/inventory-table.ts';
import { inventoryManifest } from '../../report/manifest.ts';
import { platformName, requireComplete, requireDatabase } from '../../runtime/index.ts';
import type { Arguments, Command } from '../command.ts';
import {
  imageChoice,
  imageHelp,
  imageOptions,
  judgedPlatform,
  openChosenImage,
} from '../options/image-choice.ts';
import { outputChoices, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { toolVersion } from '../version.ts';

export const inventory: Command = {
  name: 'inventory',
  synopsis: 'IMAGE [OPTIONS]',
  summary: 'list what an image holds: release, package databases, packages and their layers',
  help: `${imageHelp}
  --platform ID      name this platform in the manifest form
  -o FORMAT[=FILE]   table (default), json, cyclonedx (1.6, with purls), or manifest (text for OVAL's manifest
                     form); repeatable

Exit codes: 0 fine; 2 the image cannot be read; 4 there is no readable package database, or it
lists fewer packages than it declares.

Example:
  scapfeed inventory oci:./image -o cyclonedx=bom.json
`,
  options: { ...imageOptions, output: { type: 'string', short: 'o', multiple: true } },
  positionals: { min: 1, max: 1 },
  run,
};

const formats = ['table', 'json', 'cyclonedx', 'manifest'];

async function run({ values, positionals }: Arguments, terminal: Terminal): Promise<number> {
  const outputs = outputChoices(inventory, values['output'] as string[] | undefined, formats);
  terminal.progress(`reading ${positionals[0]}`);
  const image = await openChosenImage(positionals[0]!, imageChoice(values, inventoryWanted, terminal.env));
  try {
    const read = requireDatabase(readInventory(image.files, image.labels), image.reference);
    const found = { ...read, notes: [...image.notes, ...read.notes] };
    const platform = judgedPlatform(values) ?? (found.os ? platformName(found.os) : 'unknown');
    writeOutputs(terminal, outputs, (format) => render(format, image, found, platform));
    requireComplete(read);
    return 0;
  } finally {
    image.close();
  }
}

function render(format: string, image: Image, found: Inventory, platform: string): string {
  const { reference, digest, architecture, files } = image;
  const { layers } = files;
  if (format === 'cyclonedx') {
    return cycloneDx(found, { reference, layers, toolVersion, ...(digest === undefined ? {} : { digest }) });
  }
  if (format === 'manifest') {
    const release = found.os?.pointRelease;
    return inventoryManifest(found, { id: platform, ...(release === undefined ? {} : { release }) });
  }
  if (format === 'json') {
    return `${JSON.stringify({ image: { reference, digest, architecture, layers }, ...found }, undefined, 2)}\n`;
  }
  return inventoryTable(reference, found, layers);
}
