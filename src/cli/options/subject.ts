import type { RegistryOptions } from '../../image/index.ts';
import { descriptionWanted } from '../../inventory/index.ts';
import { userCache } from '../../io/private-cache.ts';
import type { Environment } from '../../model/environment.ts';
import type { Image, Inventory, Wanted } from '../../model/inventory/index.ts';
import { inventoryOpening } from '../../tasks/image/inventory-opening.ts';
import type { imageOptions, partialOptions } from '../../tasks/image/options.ts';
import { sbomFile } from '../../tasks/image/sbom-subject.ts';
import { wholeInventory } from '../../tasks/image/whole-inventory.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { imageChoice, openChosenImage } from './image-choice.ts';
import { InventoryCache } from './inventory-cache.ts';

/** The opened subject of a command: an image, or the SBOM of one, and its inventory. */
export interface OpenedSubject {
  image: Image;
  inventory: Inventory;
}

/**
 * Opens an image and reads its inventory, or reads both from an SBOM. The caller closes the image. `described`: its packages
 * will be described too, with their licences. `registry`: what is not by the options.
 */
export async function openSubject(
  reference: string,
  options: OptionValues<typeof imageOptions> & Partial<OptionValues<typeof partialOptions>>,
  env: Environment,
  described = false,
  registry: RegistryOptions = {},
): Promise<OpenedSubject> {
  const file = await sbomFile(reference);
  if (file !== undefined) {
    // An image does not need the code that reads SBOMs.
    const { openSbom } = await import('../../sbom/index.ts');
    return openSbom(file);
  }
  // Descriptions are read of the files themselves.
  const cache = described || options['no-cache'] ? undefined : new InventoryCache(env);
  const opening = inventoryOpening(cache && userCache(env), options['partial-layers'] && !described);
  const wanted: Wanted = described
    ? (path) => opening.wanted(path) || descriptionWanted(path)
    : opening.wanted;
  const choice = imageChoice(options, wanted, env);
  const image = await openChosenImage(reference, {
    ...choice,
    registry: { ...choice.registry, ...registry },
    ...opening,
    wanted,
    ...(cache && { recall: cache.recall }),
  });
  const recalled = cache?.recalled();
  if (recalled) return { image: { ...image, notes: recalled.notes }, inventory: recalled.inventory };
  try {
    const inventory = wholeInventory(image);
    await cache?.keep({ inventory, notes: image.notes, layers: image.files.layers });
    return { image, inventory };
  } catch (error) {
    image.close();
    throw error;
  }
}
