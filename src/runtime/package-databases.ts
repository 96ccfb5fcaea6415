import { foreignTo, keepersOf } from '../distros/databases.ts';
import { ScapfeedError } from '../model/error.ts';
import type { FeedPlatform } from '../model/feed/index.ts';
import { type Inventory, incompleteDatabase } from '../model/inventory/index.ts';
import type { Gap } from '../model/verdict/index.ts';
import { isOfLanguagesOnly, isOfUnknownSystem } from './platform.ts';

/**
 * Rejects an image without a package database, or with an empty one (oscap creates one where there was none): an image that lost
 * its package lists is not clean. `where` is the name of the image in the error.
 * @throws {ScapfeedError} PACKAGE_DATABASE_MISSING
 */
export function requireDatabase<T extends Listing>(inventory: T, where?: string): T {
  const { databases, notes } = inventory;
  if (listedIn(inventory) !== 0 && databases.some(({ packages }) => packages > 0)) return inventory;
  if (where?.startsWith('sbom:')) throw emptySbom(where, notes);
  const empty = databases[0];
  const unread =
    empty && notes.find(({ code, where: at }) => code === incompleteDatabase && at.startsWith(empty.path));
  const place = unread?.where ?? empty?.path ?? where;
  throw new ScapfeedError({
    code: 'PACKAGE_DATABASE_MISSING',
    message: empty
      ? empty.packages > 0
        ? `the package database has ${empty.packages} packages, and none of them is listed`
        : unread?.detail
          ? `the package database lists no package that can be read: ${unread.detail}`
          : 'the package database lists no package'
      : 'no package database was found: none of apk, dpkg, pacman, portage or rpm',
    ...(place === undefined ? {} : { where: place }),
    remedy: "this image's packages are unknown; scan an image that keeps its package database",
  });
}

/**
 * The same where packages of languages are judged too: a document about a program lists nothing else, and databases of other package
 * managers are not read.
 * @throws {ScapfeedError} PACKAGE_DATABASE_MISSING
 */
export function requirePackages<T extends Inventory>(inventory: T, where?: string): T {
  const isListed = isOfLanguagesOnly(inventory) || isOfUnknownSystem(inventory);
  return isListed ? inventory : requireDatabase(inventory, where);
}

/**
 * Rejects an image whose packages are all of other package managers than the platform's: the database of its own is lost, and an
 * image of which nothing is judged is not clean.
 * @throws {ScapfeedError} PACKAGE_DATABASE_MISSING
 */
export function requireOwnDatabase(
  { packages }: Pick<Inventory, 'packages'>,
  { id, os }: Pick<FeedPlatform, 'id' | 'os'>,
): void {
  const [first] = packages;
  if (!first || packages.some((pkg) => foreignTo(os.id, pkg) === undefined)) return;
  throw new ScapfeedError({
    code: 'PACKAGE_DATABASE_MISSING',
    message: `no package of ${keepersOf(os.id)} was found: all ${packages.length} packages are of another package manager, and ${id} has no statements about them`,
    where: first.database,
    remedy:
      "this image's own packages are unknown; scan an image that keeps its package database, by a platform of its distribution",
  });
}

function emptySbom(where: string, notes: Inventory['notes']): ScapfeedError {
  const unread = notes.flatMap(({ code, detail }) => (code === incompleteDatabase && detail ? [detail] : []));
  return new ScapfeedError({
    code: 'PACKAGE_DATABASE_MISSING',
    message: [
      'the SBOM lists no package of apk, dpkg, pacman, portage or rpm with its version',
      ...unread,
    ].join('; '),
    where,
    remedy: 'unlisted packages cannot be judged; write the SBOM with their package URLs',
  });
}

/** The package databases of an inventory, and its packages or their number. */
type Listing = Pick<Inventory, 'databases' | 'notes'> & { packages?: readonly unknown[] | number };

/** Number of packages, where it is known. */
function listedIn({ packages }: Listing): number | undefined {
  return typeof packages === 'object' ? packages.length : packages;
}

/**
 * Returns the gap of a database that declares more packages than it lists, or than the inventory has. It is unknown which ones are
 * missing.
 */
export function databaseGap(inventory: Listing): Gap | undefined {
  const { databases, notes } = inventory;
  const incomplete = databases.find((database) => database.incomplete);
  if (!incomplete) {
    // Several databases may list a package, each once.
    const listed = listedIn(inventory) ?? Number.POSITIVE_INFINITY;
    const larger = databases.find(({ packages }) => packages > listed);
    return (
      larger && {
        code: incompleteDatabase,
        where: larger.path,
        detail: `it has ${larger.packages} packages, and ${listed} are listed`,
      }
    );
  }
  const note = notes.find(
    ({ code, where }) => code === incompleteDatabase && where.startsWith(incomplete.path),
  );
  return {
    code: incompleteDatabase,
    where: note?.where ?? incomplete.path,
    detail: note?.detail ?? 'it declares more than it has',
  };
}

/**
 * Rejects an incomplete package database. Called after the result is printed; no option accepts an incomplete database.
 * @throws {ScapfeedError} PACKAGE_DATABASE_INCOMPLETE
 */
export function requireComplete(inventory: Listing): void {
  const gap = databaseGap(inventory);
  if (!gap) return;
  const kind = inventory.databases.find(({ incomplete }) => incomplete)?.kind;
  const isSbom = kind === 'sbom';
  throw new ScapfeedError({
    code: 'PACKAGE_DATABASE_INCOMPLETE',
    message: `packages may be missing from the ${isSbom ? 'SBOM' : 'package database'}: ${gap.detail}`,
    ...(gap.where === undefined ? {} : { where: gap.where }),
    remedy: isSbom
      ? 'write the SBOM with the name, the version and the package URL of each package'
      : `restore the package database${kind?.startsWith('rpm-') ? ' with rpmdb --rebuilddb' : ''}, or rebuild the image`,
  });
}
