import { readLineBlocks } from '../../files/lines.ts';
import { unreadable } from '../../files/unreadable.ts';
import type { FileView, InstalledPackage, InventoryNote, RandomAccess } from '../../model/inventory/index.ts';
import {
  boundedNotes,
  type DatabaseReading,
  databaseOf,
  maxPackages,
  openDatabase,
  packageOrNote,
} from '../database.ts';
import { historyOf, withLayers } from '../layers.ts';
import { parseAlpmVersion } from './version.ts';

/** Where pacman keeps a folder for each installed package, with its description and the list of its files. */
export const pacmanLocal = '/var/lib/pacman/local';

/** Largest description, in bytes; those of Arch have at most some 20 kB. */
const maxDescriptionBytes = 1 << 20;

/** PKGBUILD(5), pkgname. */
const packageName = /^[a-z0-9@_+A-Z][a-z0-9@._+A-Z-]*$/;

/** Whether a file is the description of a package, or the list of its files. */
export function isPacmanFile(path: string, name: 'desc' | 'files'): boolean {
  if (!path.startsWith(`${pacmanLocal}/`) || !path.endsWith(`/${name}`)) return false;
  const folder = path.slice(pacmanLocal.length + 1, -name.length - 1);
  return folder !== '' && !folder.includes('/');
}

/** Folders of installed packages, in code-unit order. Beside them is `ALPM_DB_VERSION`, a file. */
export function pacmanFolders(files: FileView): string[] {
  const folders = files
    .list(pacmanLocal)
    .map((name) => `${pacmanLocal}/${name}`)
    .filter((path) => files.stat(path)?.type === 'directory');
  if (folders.length > maxPackages)
    throw unreadable(pacmanLocal, `expected at most ${maxPackages} packages, found more`);
  return folders;
}

/**
 * Reads pacman's database of installed packages. Undefined: there is none. A package without a readable description leaves the others
 * readable, and the database incomplete.
 */
export function readPacmanDatabase(files: FileView): DatabaseReading | undefined {
  const folders = pacmanFolders(files);
  if (folders.length === 0 && files.list(pacmanLocal).length === 0) return undefined;
  const packages: InstalledPackage[] = [];
  const notes: InventoryNote[] = [];
  for (const folder of folders) {
    const read = readPacmanPackage(files, folder);
    if ('code' in read) notes.push(read);
    else packages.push(read);
  }
  const named = boundedNotes(notes, pacmanLocal);
  return { database: databaseOf('pacman', pacmanLocal, packages.length, named), packages, notes: named };
}

/** The licences of a package, by its folder. Empty: unknown. @throws PACKAGE_DATABASE_UNREADABLE */
export function pacmanLicences(files: FileView, { name, version }: InstalledPackage): readonly string[] {
  const path = `${pacmanLocal}/${name}-${version}/desc`;
  const content = openDatabase(files, path, maxDescriptionBytes);
  return (content && readAlpmDescription(content, path).get('LICENSE')) ?? [];
}

/** The installed package of a folder, or why its description cannot be read. */
export function readPacmanPackage(files: FileView, folder: string): InstalledPackage | InventoryNote {
  return packageOrNote(() => readInstalled(files, folder), folder);
}

function readInstalled(files: FileView, folder: string): InstalledPackage {
  const path = `${folder}/desc`;
  const content = openDatabase(files, path, maxDescriptionBytes);
  if (!content) throw unreadable(folder, 'expected a description of the package, found none');
  const [installed] = withLayers([packageOf(content, folder, path)], historyOf(files, path), (version) => [
    packageOf(version.content, folder, path),
  ]);
  return installed!;
}

/** The description's name and version are those of its folder, so that one that was cut off or exchanged is none. */
function packageOf(content: RandomAccess, folder: string, path: string): InstalledPackage {
  const sections = readAlpmDescription(content, path);
  const only = (section: AlpmSection) => sections.get(section)?.join(' ') ?? '';
  const [name, version, arch] = [only('NAME'), only('VERSION'), only('ARCH')];
  if (!packageName.test(name)) throw unreadable(path, `expected the name of a package, found ${quote(name)}`);
  if (parseAlpmVersion(version)?.release === undefined)
    throw unreadable(path, `expected a version with its release, found ${quote(version)}`);
  const own = folder.slice(folder.lastIndexOf('/') + 1);
  if (own !== `${name}-${version}`)
    throw unreadable(path, `expected the description of ${quote(own)}, found ${quote(`${name}-${version}`)}`);
  const base = only('BASE');
  if (base !== '' && !packageName.test(base))
    throw unreadable(path, `expected the name of a package base, found ${quote(base)}`);
  if (!/^[a-z0-9_]*$/i.test(arch)) throw unreadable(path, `expected an architecture, found ${quote(arch)}`);
  return {
    type: 'alpm',
    name,
    version,
    arch,
    source: { name: base || name, version },
    database: pacmanLocal,
  };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** Sections of a description that are read. */
type AlpmSection = 'NAME' | 'VERSION' | 'BASE' | 'ARCH' | 'LICENSE';

/** The values of sections, one a line in the file. */
type AlpmDescription = ReadonlyMap<AlpmSection, readonly string[]>;

const kept: ReadonlySet<string> = new Set<AlpmSection>(['NAME', 'VERSION', 'BASE', 'ARCH', 'LICENSE']);

/** Limit on the values of a section; no package of Arch has more than 30 licences. */
const maxValues = 1000;

/**
 * Reads a package's `desc`: `%SECTION%`, its values, and an empty line. Sections that are not kept are passed over.
 * @throws PACKAGE_DATABASE_UNREADABLE
 */
function readAlpmDescription(content: RandomAccess, path: string): AlpmDescription {
  const sections = new Map<AlpmSection, string[]>();
  let values: string[] | undefined;
  let inSection = false;
  for (const { lines } of readLineBlocks(content, path)) {
    for (const line of lines) {
      const section = inSection ? undefined : /^%([A-Z0-9]+)%$/.exec(line)?.[1];
      if (section !== undefined) {
        inSection = true;
        values = kept.has(section) ? begun(sections, section as AlpmSection, path) : undefined;
      } else if (line === '') {
        inSection = false;
        values = undefined;
      } else if (values) {
        if (values.length === maxValues)
          throw unreadable(path, `expected at most ${maxValues} lines in a section, found more`);
        values.push(line);
      }
    }
  }
  return sections;
}

function begun(sections: Map<AlpmSection, string[]>, section: AlpmSection, path: string): string[] {
  if (sections.has(section)) throw unreadable(path, `expected one section ${section}, found another`);
  const values: string[] = [];
  sections.set(section, values);
  return values;
}
