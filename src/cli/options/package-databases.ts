import { type Image, type Inventory, incompleteDatabase, ScapfeedError } from '../../model/index.ts';

/**
 * No database at all is no empty inventory, and neither is one without packages (as oscap leaves it where there was
 * none): an image that lost its package lists cannot be called clean.
 */
export function requireDatabase(inventory: Inventory, image: Image): Inventory {
  if (inventory.databases.some(({ packages }) => packages > 0)) return inventory;
  const empty = inventory.databases[0];
  throw new ScapfeedError({
    code: 'PACKAGE_DATABASE_MISSING',
    message: empty
      ? 'the package database lists no package'
      : 'no package database was found: neither dpkg status nor rpm database',
    where: empty?.path ?? image.reference,
    remedy: "nothing can be said of this image's packages; scan an image that keeps its package database",
  });
}

/**
 * Called after the result is out. No option accepts this: how many packages are not listed, and which, nobody knows.
 * Errors: PACKAGE_DATABASE_INCOMPLETE.
 */
export function requireComplete({ databases, notes }: Pick<Inventory, 'databases' | 'notes'>): void {
  const incomplete = databases.find((database) => database.incomplete);
  if (!incomplete) return;
  const note = notes.find(
    ({ code, where }) => code === incompleteDatabase && where.startsWith(incomplete.path),
  );
  throw new ScapfeedError({
    code: 'PACKAGE_DATABASE_INCOMPLETE',
    message: `packages may be missing from the package database: ${note?.detail ?? 'it declares more than it has'}`,
    where: note?.where ?? incomplete.path,
    remedy: 'restore the package database, for rpm with rpmdb --rebuilddb, or rebuild the image',
  });
}
