import { textLines } from '../../files/text.ts';
import { unreadable } from '../../files/unreadable.ts';
import {
  type FileView,
  halfInstalledNote,
  type InstalledPackage,
  type InventoryNote,
} from '../../model/inventory/index.ts';
import {
  boundedNotes,
  type DatabaseReading,
  databaseOf,
  incompleteNote,
  maxPackages,
  openDatabase,
  packageOrNote,
} from '../database.ts';
import { historyOf, withLayers } from '../layers.ts';
import { isEbuildSlot } from './range.ts';
import { parseEbuildVersion } from './version.ts';

/** Where portage keeps a folder for each category, and in it one for each installed package. */
export const portageDatabase = '/var/db/pkg';

/** Files of a package's folder that are read, besides the list of its files. */
const facts = ['CHOST', 'LICENSE', 'PF', 'SLOT', 'USE', 'repository'] as const;

type Fact = (typeof facts)[number];

const wantedNames: ReadonlySet<string> = new Set(facts);

/** Largest of these files, in bytes: they have a line each, and USE a few hundred flags. */
const maxFactBytes = 1 << 16;

/** Package Manager Specification, 3.1: names of categories, packages and repositories. */
const categoryName = /^[A-Za-z0-9_][A-Za-z0-9+_.-]*$/;
const packageName = /^[A-Za-z0-9_][A-Za-z0-9+_-]*$/;

/** Prefix of the folder of a package that portage is still installing. */
const merging = '-MERGING-';

/** Whether a file of portage's database is read for an inventory, or lists the files of a package. */
export function isPortageFile(path: string, kind: 'facts' | 'files'): boolean {
  if (!path.startsWith(`${portageDatabase}/`)) return false;
  const [category, folder, name, ...more] = path.slice(portageDatabase.length + 1).split('/');
  if (!category || !folder || name === undefined || more.length > 0) return false;
  return kind === 'files' ? name === 'CONTENTS' : wantedNames.has(name);
}

/** A folder of the database. */
export interface PortageFolder {
  path: string;
  category: string;
  /** `python-3.12.3_p1-r2`, after portage's mark if it is not wholly installed. */
  name: string;
}

/** Folders of installed packages, in code-unit order. Files beside them, such as `.cache`, are portage's own. */
export function portageFolders(files: FileView): PortageFolder[] {
  const found: PortageFolder[] = [];
  for (const category of files.list(portageDatabase)) {
    if (!categoryName.test(category)) continue;
    for (const name of files.list(`${portageDatabase}/${category}`)) {
      const path = `${portageDatabase}/${category}/${name}`;
      if (name.startsWith('.') || files.stat(path)?.type !== 'directory') continue;
      found.push({ path, category, name });
      if (found.length > maxPackages)
        throw unreadable(portageDatabase, `expected at most ${maxPackages} packages, found more`);
    }
  }
  return found;
}

/**
 * Reads portage's database of installed packages. Undefined: there is none. A package that cannot be read leaves the others readable,
 * and the database incomplete.
 */
export function readPortageDatabase(files: FileView): DatabaseReading | undefined {
  if (files.list(portageDatabase).length === 0) return undefined;
  const packages: InstalledPackage[] = [];
  const halfInstalled: InstalledPackage[] = [];
  const unread: InventoryNote[] = [];
  const notes: InventoryNote[] = [];
  for (const folder of portageFolders(files)) {
    if (folder.name.startsWith(merging)) {
      const name = folder.name.slice(merging.length);
      const half = readPortagePackage(files, { ...folder, name });
      // Portage has not written the files yet: the folder's name identifies the package.
      if (!('code' in half)) halfInstalled.push(half);
      notes.push({ code: halfInstalledNote, where: folder.path, detail: `${folder.category}/${name}` });
      continue;
    }
    const read = readPortagePackage(files, folder);
    if ('code' in read) unread.push(read);
    else packages.push(read);
  }
  const named = [...boundedNotes([...unread, ...oddCategories(files)], portageDatabase), ...notes];
  return {
    database: databaseOf('portage', portageDatabase, packages.length, named),
    packages,
    ...(halfInstalled.length > 0 && { halfInstalled }),
    notes: named,
  };
}

/** Folders that no category can be named like. Their packages are not read. */
function oddCategories(files: FileView): InventoryNote[] {
  return files
    .list(portageDatabase)
    .filter((name) => !name.startsWith('.') && !categoryName.test(name))
    .filter((name) => files.stat(`${portageDatabase}/${name}`)?.type === 'directory')
    .map((name) => incompleteNote(portageDatabase, `${quote(name)} is no name of a category`));
}

/** The licences of a package; with conditions, as the ebuild states them. Empty: unknown. @throws PACKAGE_DATABASE_UNREADABLE */
export function portageLicences(files: FileView, { name, version }: InstalledPackage): readonly string[] {
  const text = factOf(files, `${portageDatabase}/${name}-${version}`, 'LICENSE');
  return text ? [text] : [];
}

/** The installed package of a folder, or why it cannot be read. */
export function readPortagePackage(files: FileView, folder: PortageFolder): InstalledPackage | InventoryNote {
  return packageOrNote(() => readInstalled(files, folder), folder.path);
}

function readInstalled(files: FileView, { path, category, name: folder }: PortageFolder): InstalledPackage {
  const own = packageOf(folder);
  if (!own) throw unreadable(path, `expected a package with its version, found ${quote(folder)}`);
  const stated = requiredFact(files, path, 'PF');
  if (stated !== folder)
    throw unreadable(`${path}/PF`, `expected the files of ${quote(folder)}, found those of ${quote(stated)}`);
  const slot = requiredFact(files, path, 'SLOT');
  if (!isEbuildSlot(slot)) throw unreadable(`${path}/SLOT`, `expected a slot, found ${quote(slot)}`);
  const repository = factOf(files, path, 'repository');
  if (repository !== undefined && !packageName.test(repository))
    throw unreadable(`${path}/repository`, `expected the name of a repository, found ${quote(repository)}`);
  const { version } = own;
  const name = `${category}/${own.name}`;
  const installed: InstalledPackage = {
    ...{ type: 'ebuild', name, version, arch: archOf(files, path), source: { name, version } },
    slot,
    ...(repository !== undefined && { repository }),
    database: portageDatabase,
  };
  // A folder has one version only: it is of the layer that wrote it last.
  const [placed] = withLayers([installed], historyOf(files, `${path}/PF`), () => [{ ...installed }]);
  return placed!;
}

/** Cuts `python-3.12.3_p1-r2` before its version: no name of a package ends like one. */
function packageOf(folder: string): { name: string; version: string } | undefined {
  const found = /^(.+?)-(\d[^-]*(?:-r\d+)?)$/.exec(folder);
  if (!found || !packageName.test(found[1]!) || !parseEbuildVersion(found[2]!)) return undefined;
  return { name: found[1]!, version: found[2]! };
}

/** Architectures as Gentoo's keywords name them. */
const keywords = [
  ...['alpha', 'amd64', 'arm', 'arm64', 'hppa', 'ia64', 'loong', 'm68k', 'mips', 'ppc', 'ppc64'],
  ...['riscv', 's390', 'sparc', 'x86'],
];

/** The keyword is among the flags that the package was built with. Empty: it is not known. */
function archOf(files: FileView, path: string): string {
  const flags = new Set((factOf(files, path, 'USE') ?? '').split(/\s+/));
  const stated = keywords.filter((keyword) => flags.has(keyword));
  if (stated.length === 1) return stated[0]!;
  const [processor = ''] = (factOf(files, path, 'CHOST') ?? '').split('-');
  if (/^i[3-6]86$/.test(processor)) return 'x86';
  const known: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', powerpc64le: 'ppc64' };
  return Object.hasOwn(known, processor) ? known[processor]! : keywords.includes(processor) ? processor : '';
}

function requiredFact(files: FileView, path: string, name: Fact): string {
  const text = factOf(files, path, name);
  if (text === undefined) throw unreadable(path, `expected a file ${name}, found none`);
  return text;
}

/** The only line of a file. Undefined: there is no such file. */
function factOf(files: FileView, folder: string, name: Fact): string | undefined {
  const path = `${folder}/${name}`;
  const content = openDatabase(files, path, maxFactBytes);
  if (!content) return undefined;
  const bytes = content.read(0, content.size);
  if (bytes.includes(0)) throw unreadable(path, 'expected text, found a NUL');
  const lines = [...textLines(bytes)].filter((line) => line.trim() !== '');
  if (lines.length > 1) throw unreadable(path, `expected one line, found ${lines.length}`);
  return lines[0]?.trim() ?? '';
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
