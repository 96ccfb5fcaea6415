import { foreignNotes } from '../../distros/databases.ts';
import { countUnjudged, programsAsked, readInventory } from '../../inventory/index.ts';
import type { Image, InstalledPackage, Inventory } from '../../model/index.ts';

/** The inventory of an image's distribution, with what else it has that no feed judges. */
export function wholeInventory({ files, labels }: Image): Inventory {
  const inventory = readInventory(files, labels);
  const { notes, ...unjudged } = countUnjudged(files, layersOf(inventory.packages));
  return { ...inventory, ...unjudged, notes: [...inventory.notes, ...foreignNotes(inventory), ...notes] };
}

/** The programs that the same inventory asks about: what has to be read of them besides the wanted files. */
export function inventoryPrograms({ files, labels }: Pick<Image, 'files' | 'labels'>): string[] {
  try {
    return programsAsked(files, layersOf(readInventory(files, labels).packages));
  } catch {
    // The inventory will fail in the same way.
    return [];
  }
}

function layersOf(packages: readonly InstalledPackage[]): Set<number> {
  return new Set(packages.flatMap(({ layer }) => layer ?? []));
}
