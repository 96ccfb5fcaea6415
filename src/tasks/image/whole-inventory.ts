import { foreignNotes } from '../../distros/databases.ts';
import { countUnjudged, readInventory } from '../../inventory/index.ts';
import type { Image, Inventory } from '../../model/index.ts';

/** The inventory of an image's distribution, with what else it has that no feed judges. */
export function wholeInventory({ files, labels }: Image): Inventory {
  const inventory = readInventory(files, labels);
  const installed = new Set(inventory.packages.flatMap(({ layer }) => layer ?? []));
  const { notes, ...unjudged } = countUnjudged(files, installed);
  return { ...inventory, ...unjudged, notes: [...inventory.notes, ...foreignNotes(inventory), ...notes] };
}
