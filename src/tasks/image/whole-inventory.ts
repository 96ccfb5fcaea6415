import { foreignNotes } from '../../distros/databases.ts';
import { lostDistributionNote, readInventory, readLanguages } from '../../inventory/index.ts';
import type { Image, Inventory } from '../../model/inventory/index.ts';

/** The inventory of an image's distribution, with its packages of languages. */
export function wholeInventory({ files, labels }: Image): Inventory {
  const inventory = readInventory(files, labels);
  const { notes, ...languages } = readLanguages(files, inventory.packages);
  const isLost = inventory.os === null && inventory.databases.length === 0;
  return {
    ...inventory,
    ...languages,
    notes: [
      ...inventory.notes,
      ...foreignNotes(inventory),
      ...(isLost ? lostDistributionNote(files) : []),
      ...notes,
    ],
  };
}
