import type { Image, Inventory } from '../../model/inventory/index.ts';
import { inventoryTable } from '../../report/inventory-table.ts';
import { inventoryManifest } from '../../report/manifest.ts';
import type { SbomImage } from '../../report/sbom/subject.ts';
import { type CountedReports, countedJson, countedTable } from '../formats.ts';
import { sbomSubject } from '../image/sbom-subject.ts';

/** The report formats of an inventory. */
export type InventoryFormat = 'table' | 'json' | 'cyclonedx' | 'cyclonedx-1.7' | 'spdx' | 'manifest';

/** An image whose packages were read. */
export interface FoundInventory {
  /** The name by which CI systems identify the image. */
  name: string;
  image: Image;
  inventory: Inventory;
  /** Of the manifest. */
  platform: string;
  /** Of an SBOM, ISO 8601 in seconds. */
  date: string;
}

/** SBOMs describe one system: of these there is one for each image. */
export const inventoryReports: CountedReports<InventoryFormat, FoundInventory> = {
  formats: {
    table: countedTable(tableOf),
    json: countedJson(jsonOf),
    cyclonedx: {
      one: async (found) =>
        (await import('../../report/sbom/cyclonedx.ts')).inventoryCycloneDx(sbomOf(found), '1.6'),
    },
    'cyclonedx-1.7': {
      one: async (found) =>
        (await import('../../report/sbom/cyclonedx.ts')).inventoryCycloneDx(sbomOf(found), '1.7'),
    },
    spdx: {
      one: async (found) => (await import('../../report/sbom/spdx.ts')).inventorySpdx(sbomOf(found)),
    },
    manifest: { one: manifestOf },
  },
  summary: async () =>
    (await import('../../report/many/counted.ts')).countedSummary({
      action: { command: 'inventory', verb: 'read', done: 'read' },
      headings: { packages: 'PACKAGES', layers: 'LAYERS', notes: 'NOTES' },
      facts: ({ image: { files }, inventory: { packages, notes } }) => ({
        counts: { packages: packages.length, layers: files.layers.length, notes: notes.length },
      }),
    }),
};

function tableOf({ image: { reference, files }, inventory }: FoundInventory): string {
  return inventoryTable(reference, inventory, files.layers);
}

function jsonOf({ image, inventory }: FoundInventory): string {
  const { reference, digest, architecture, files } = image;
  const document = { image: { reference, digest, architecture, layers: files.layers }, ...inventory };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function sbomOf({ image, inventory, date }: FoundInventory): SbomImage {
  return sbomSubject(image, inventory, date);
}

function manifestOf({ inventory, platform: id }: FoundInventory): string {
  const release = inventory.os?.pointRelease;
  return inventoryManifest(inventory, { id, ...(release === undefined ? {} : { release }) });
}
