import { unreadable } from '../files/unreadable.ts';
import { isScapfeedError } from '../model/error.ts';
import {
  type DatabaseKind,
  type FileView,
  type InstalledPackage,
  type InventoryNote,
  incompleteDatabase,
  type PackageDatabase,
  type RandomAccess,
} from '../model/inventory/index.ts';

/** The packages read from one place. */
export interface DatabaseReading {
  database: PackageDatabase;
  packages: readonly InstalledPackage[];
  halfInstalled?: readonly InstalledPackage[];
  notes: readonly InventoryNote[];
}

/** Called if a database declares more than could be read, with the contradiction as text. */
export type ReportLoss = (detail: string) => void;

export function incompleteNote(where: string, detail: string): InventoryNote {
  return { code: incompleteDatabase, where, detail };
}

/** Packages that cannot be read and are named one by one. */
const namedUnread = 20;

/** The first notes about packages that could not be read, and one that counts the others. `where`: the database. */
export function boundedNotes(notes: readonly InventoryNote[], where: string): InventoryNote[] {
  const more = notes.length - namedUnread;
  if (more <= 0) return [...notes];
  return [...notes.slice(0, namedUnread), incompleteNote(where, `${more} more packages could not be read`)];
}

/** The package that `read` returns, or a note if its part of the database cannot be read. */
export function packageOrNote(read: () => InstalledPackage, where: string): InstalledPackage | InventoryNote {
  try {
    return read();
  } catch (error) {
    if (!isScapfeedError(error) || error.code !== 'PACKAGE_DATABASE_UNREADABLE') throw error;
    return incompleteNote(error.where ?? where, error.message);
  }
}

/** Describes a database that was read; some notes mark it as incomplete. */
export function databaseOf(
  kind: DatabaseKind,
  path: string,
  packages: number,
  notes: readonly InventoryNote[],
): PackageDatabase {
  const incomplete = notes.some(({ code }) => code === incompleteDatabase);
  return { kind, path, packages, ...(incomplete && { incomplete }) };
}

/** Limit on packages; all of Debian has about 65,000. */
export const maxPackages = 100_000;

/**
 * Opens a database file; undefined if there is none. A path that exists but cannot be opened (a link to a file that was
 * not read, a device) is an error: it must not look like an image without packages.
 */
export function openDatabase(files: FileView, path: string, maxBytes: number): RandomAccess | undefined {
  const content = files.open(path);
  if (!content) {
    const entry = files.stat(path, false);
    if (!entry) return undefined;
    const found =
      entry.type === 'symlink' ? `a link to ${entry.target}, which has no content here` : entry.type;
    throw unreadable(path, `expected a regular file, found ${found}`);
  }
  if (content.size > maxBytes) {
    throw unreadable(path, `expected at most ${maxBytes} bytes, found ${content.size}`);
  }
  return content;
}
