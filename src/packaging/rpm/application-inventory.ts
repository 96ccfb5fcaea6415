import { fieldOf, parseJson } from '../../files/json.ts';
import { unreadable } from '../../files/unreadable.ts';
import type { FileView, InstalledPackage, InventoryNote, RandomAccess } from '../../model/inventory/index.ts';
import { type DatabaseReading, databaseOf, incompleteNote, maxPackages, openDatabase } from '../database.ts';
import { historyOf, withLayers } from '../layers.ts';
import { parseRpmEvr } from './version.ts';

const list = 'usr/share/bottlerocket/application-inventory.json';

/** Bottlerocket's replacement for rpm's database, in its root or in the system root of an architecture. */
export const applicationInventories: readonly string[] = [
  `/${list}`,
  ...['aarch64', 'x86_64'].map((arch) => `/${arch}-bottlerocket-linux-gnu/sys-root/${list}`),
];

/** Some 100 packages have 50 kB. */
const maxBytes = 2 ** 24;

/** So many entries that are no packages are named. */
const namedUnread = 20;

/** The first that is there. Undefined: there is none. @throws PACKAGE_DATABASE_UNREADABLE */
export function readApplicationInventory(files: FileView): DatabaseReading | undefined {
  for (const path of applicationInventories) {
    const content = openDatabase(files, path, maxBytes);
    if (!content) continue;
    const { packages: listed, notes } = read(content, path);
    const packages = withLayers(
      listed,
      historyOf(files, path),
      (version) => read(version.content, path).packages,
    );
    return { database: databaseOf('rpm-inventory', path, packages.length, notes), packages, notes };
  }
  return undefined;
}

function read(content: RandomAccess, path: string): { packages: InstalledPackage[]; notes: InventoryNote[] } {
  const text = content.read(0, content.size).toString('utf8');
  // The last of two members of one name would hide a package.
  const entries = fieldOf(parseJson(text, { uniqueNames: true }), 'Content');
  if (!Array.isArray(entries))
    throw unreadable(path, 'expected JSON with a list Content and no name twice, found another text');
  if (entries.length > maxPackages)
    throw unreadable(path, `expected at most ${maxPackages} packages, found more`);
  const packages: InstalledPackage[] = [];
  const unread: number[] = [];
  for (const [at, entry] of entries.entries()) {
    const item = packageOf(entry, path);
    if (item) packages.push(item);
    else unread.push(at);
  }
  const notes = unread
    .slice(0, namedUnread)
    .map((at) => incompleteNote(`${path}#/Content/${at}`, 'an entry that is no package of rpm'));
  const more = unread.length - namedUnread;
  if (more > 0) notes.push(incompleteNote(path, `${more} more entries that are no packages of rpm`));
  return { packages, notes };
}

/** An epoch is stated since the kits of 2024, and was 0 before. */
function packageOf(entry: unknown, database: string): InstalledPackage | undefined {
  const text = (name: string) => {
    const value = fieldOf(entry, name);
    return typeof value === 'string' ? value : '';
  };
  const [name, arch, vendor] = [text('Name'), text('Architecture'), text('Publisher')];
  const stated = fieldOf(entry, 'Epoch') ?? '0';
  const epoch = typeof stated === 'string' && /^\d{1,9}$/.test(stated) ? stated : undefined;
  const build = `${text('Version')}-${text('Release')}`;
  const version = epoch === '0' ? build : `${epoch}:${build}`;
  const isPackage =
    /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(name) &&
    epoch !== undefined &&
    /^[!-,.-9;-~]+-[!-,.-9;-~]+$/.test(build) &&
    /^\w*$/.test(arch);
  if (!isPackage || parseRpmEvr(version)?.release === undefined) return undefined;
  return {
    ...{ type: 'rpm', name, version, arch, source: { name, version: build } },
    ...(vendor !== '' && { vendor }),
    unstated: ['signature'],
    database,
  };
}
