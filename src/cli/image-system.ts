import { asContainer, type ImageSystem } from '../comply/index.ts';
import { readInventory } from '../inventory/index.ts';
import type { Image, InstalledPackage } from '../model/index.ts';
import { requireComplete } from '../runtime/index.ts';

/** An image as the system that OVAL content is evaluated on. */
export function systemOf(image: Image): ImageSystem {
  let packages: readonly InstalledPackage[] | undefined;
  return {
    // A root file system is judged as a machine; what an engine would start is judged as a container.
    files: image.kind === 'image' ? asContainer(image.files) : image.files,
    env: image.env,
    ...(image.architecture === undefined ? {} : { architecture: image.architecture }),
    packages: () => {
      packages ??= completePackages(image);
      return packages;
    },
  };
}

/** A package that a damaged database no longer lists cannot be called absent. */
function completePackages(image: Image): readonly InstalledPackage[] {
  const inventory = readInventory(image.files);
  requireComplete(inventory);
  return inventory.packages;
}
