import type { KnownImage } from '../fleet/fleet.ts';
import type { ReadImage } from '../fleet/store/images.ts';
import type { OpenImageOptions } from '../image/index.ts';
import { inventoryWanted, programWanted } from '../inventory/index.ts';
import { type Image, type Inventory, noFiles, type SignatureGate } from '../model/index.ts';
import { requireDatabase } from '../runtime/index.ts';
import { wholeInventory } from './whole-inventory.ts';

/** How the images of a fleet are opened. */
export interface FleetReading {
  open(reference: string, how: Pick<OpenImageOptions, 'wanted' | 'programs' | 'recall'>): Promise<Image>;
  openSbom(reference: string): Promise<{ image: Image; inventory: Inventory }>;
  /** What was found of its signatures, where they are asked for. */
  signed?: SignatureGate | undefined;
}

/** Reads an image, unless it is known by its digest. */
export async function readForFleet(
  reference: string,
  { open, openSbom, signed }: FleetReading,
  isKnown: (digest: string) => boolean,
): Promise<ReadImage | KnownImage> {
  if (reference.startsWith('sbom:')) {
    const { image, inventory } = await openSbom(reference);
    return readImage(image, requireDatabase(inventory, reference), signed);
  }
  let known: string | undefined;
  const image = await open(reference, {
    wanted: inventoryWanted,
    programs: programWanted,
    recall({ digest, layers }) {
      if (digest === undefined || !isKnown(digest)) return undefined;
      known = digest;
      return noFiles(layers);
    },
  });
  try {
    if (known !== undefined) return { digest: known, ...(signed && { signed }) };
    return readImage(image, requireDatabase(wholeInventory(image), reference), signed);
  } finally {
    image.close();
  }
}

function readImage(
  { digest, kind, architecture, labels, files, notes }: Image,
  inventory: ReadImage['inventory'],
  signed: SignatureGate | undefined,
): ReadImage {
  return {
    ...(digest !== undefined && { digest }),
    kind,
    ...(architecture !== undefined && { architecture }),
    labels,
    layers: files.layers,
    inventory: { ...inventory, notes: [...notes, ...inventory.notes] },
    ...(signed && { signed }),
  };
}
