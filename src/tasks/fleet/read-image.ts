import type { KnownImage } from '../../fleet/fleet.ts';
import type { BaseContents } from '../../fleet/store/bases.ts';
import type { ReadImage } from '../../fleet/store/prepared-image.ts';
import type { ReadVerification } from '../../fleet/store/verifications.ts';
import type { ImageReadOptions } from '../../image/index.ts';
import { finish } from '../../io/cancellation.ts';
import { isScapfeedError } from '../../model/error.ts';
import { type Image, type Inventory, noFiles, statedBase } from '../../model/inventory/index.ts';
import type { SignatureGate } from '../../model/verdict/index.ts';
import { requirePackages } from '../../runtime/index.ts';
import { verifyFilesInSteps, verifyInspection, verifyWanted } from '../../verify/index.ts';
import { inventoryOpening } from '../image/inventory-opening.ts';
import { wholeInventory } from '../image/whole-inventory.ts';

type FleetOpening = Pick<
  ImageReadOptions,
  'wanted' | 'packageFiles' | 'ownerLists' | 'layers' | 'recall' | 'inspection'
>;

/** Options for opening the images of a fleet. */
export interface FleetReading {
  open(reference: string, how: FleetOpening): Promise<Image>;
  openSbom(reference: string): Promise<{ image: Image; inventory: Inventory }>;
  /** The result for its signatures, if they are required. */
  signed?: SignatureGate | undefined;
  /** Folder of caches, if one is used. */
  caches?: string | undefined;
  /** Whether the files of an image are compared with its packages. */
  verify: boolean;
}

/** Reads an image, unless it is known by its digest. */
export async function readForFleet(
  reference: string,
  { open, openSbom, signed, caches, verify }: FleetReading,
  isKnown: (digest: string) => boolean,
): Promise<ReadImage | KnownImage> {
  if (reference.startsWith('sbom:')) {
    const { image, inventory } = await openSbom(reference);
    return readImage(image, requirePackages(inventory, reference), signed);
  }
  let known: string | undefined;
  const opening: FleetOpening = {
    ...inventoryOpening(caches),
    recall({ digest, layers }) {
      if (digest === undefined || !isKnown(digest)) return undefined;
      known = digest;
      return noFiles(layers);
    },
  };
  const { image, refused } = verify
    ? await openWithFiles(reference, open, opening)
    : { image: await open(reference, opening), refused: undefined };
  try {
    const base = statedBase(image);
    if (known !== undefined) return { digest: known, ...(signed && { signed }), ...(base && { base }) };
    const inventory = requirePackages(wholeInventory(image), reference);
    const verification = refused ?? (verify ? await verifyForFleet(image, inventory) : undefined);
    return {
      ...readImage(image, inventory, signed),
      ...(base && { base }),
      ...(verification && { verification }),
    };
  } finally {
    image.close();
  }
}

/** Reads a base image, unless it is known by its digest. */
export async function readBaseForFleet(
  reference: string,
  { open, caches }: Pick<FleetReading, 'open' | 'caches'>,
  isKnown: (digest: string) => boolean,
): Promise<BaseContents | Pick<BaseContents, 'digest'>> {
  const image = await open(reference, {
    ...inventoryOpening(caches),
    recall: ({ digest, layers }) => (digest !== undefined && isKnown(digest) ? noFiles(layers) : undefined),
  });
  try {
    const { architecture, files } = image;
    // Each image of a registry has one.
    const digest = image.digest!;
    if (isKnown(digest)) return { digest };
    return {
      ...{ digest, ...(architecture !== undefined && { architecture }) },
      ...{ inventory: wholeInventory(image), layers: files.layers },
    };
  } finally {
    image.close();
  }
}

/** Errors of reading all files that do not prevent reading the packages. */
const ofFiles: ReadonlySet<string> = new Set(['IMAGE_MALFORMED', 'IMAGE_LIMIT_EXCEEDED']);

async function openWithFiles(
  reference: string,
  open: FleetReading['open'],
  opening: FleetOpening,
): Promise<{ image: Image; refused?: ReadVerification }> {
  try {
    return {
      image: await open(reference, { ...opening, wanted: verifyWanted, inspection: verifyInspection }),
    };
  } catch (error) {
    if (!isScapfeedError(error) || !ofFiles.has(error.code)) throw error;
    return { image: await open(reference, opening), refused: refusedBy(error) };
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

/**
 * Compares the files of an image with its packages, with pauses in which a server answers. Undefined: the image has no digest that
 * stands for its files, as a folder has none, so that the next night cannot rely on them.
 */
async function verifyForFleet(
  { kind, digest, files }: Image,
  inventory: Inventory,
): Promise<ReadVerification | undefined> {
  if (kind !== 'image' || digest === undefined) return undefined;
  try {
    return await finish(verifyFilesInSteps({ files, inventory, live: false }, { allowed: () => false }));
  } catch (error) {
    return refusedBy(error);
  }
}

/** Files that cannot be compared do not make the image one that cannot be read. */
function refusedBy(error: unknown): ReadVerification {
  if (!isScapfeedError(error)) throw error;
  const { code, message, where } = error;
  return { code, message: where === undefined ? message : `${message} (${where})` };
}
