import { asContainer } from '../../comply/files/container-view.ts';
import type { ImageSystem } from '../../comply/probes/probe.ts';
import type { Image, InstalledPackage, Inventory } from '../../model/inventory/index.ts';
import { requireComplete } from '../../runtime/package-databases.ts';

/** An image as the system that SCAP content is evaluated on; its inventory is read when a check first asks for packages. */
export function systemOf(image: Image, inventory: () => Inventory): ImageSystem {
  let packages: readonly InstalledPackage[] | undefined;
  return {
    // A root file system is judged as a machine; what an engine would start is judged as a container.
    files: image.kind === 'image' ? asContainer(image.files) : image.files,
    ...(image.kind === 'sbom' ? { isSbom: true } : {}),
    env: image.env,
    ...(image.architecture === undefined ? {} : { architecture: image.architecture }),
    packages: () => {
      packages ??= completePackages(inventory());
      return packages;
    },
  };
}

/** A package that a damaged database no longer lists cannot be called absent. */
function completePackages(inventory: Inventory): readonly InstalledPackage[] {
  requireComplete(inventory);
  return inventory.packages;
}
