import { readLineBlocks } from '../files/lines.ts';
import { textLines } from '../files/text.ts';
import type { DatabaseType, FileView } from '../model/inventory/index.ts';
import { pacmanFolders, readPacmanPackage } from './alpm/database.ts';
import { apkDatabases, maxApkDatabaseBytes } from './apk/database.ts';
import { openDatabase } from './database.ts';
import { dpkgPackages, maxListBytes } from './deb/listed-packages.ts';
import { portageContents } from './ebuild/contents.ts';
import { portageFolders, readPortagePackage } from './ebuild/database.ts';
import { ownedNames } from './rpm/owned-files.ts';

/** A path as a package's list has it: links in its folders are not resolved. */
export interface PackagedPath {
  path: string;
  owner: { type: DatabaseType; name: string; arch: string };
}

/**
 * Paths that packages of the image own, in the order of the databases: all that end in one of the names, and others. Distroless images
 * list no links and no configuration.
 * @throws PACKAGE_DATABASE_UNREADABLE, IMAGE_LIMIT_EXCEEDED
 */
export function* packagedPaths(files: FileView, names: ReadonlySet<string>): Generator<PackagedPath> {
  yield* apkPaths(files);
  yield* dpkgPaths(files, namesIn(names));
  yield* pacmanPaths(files);
  yield* portagePaths(files);
  for (const { package: owner, path } of ownedNames(files, () => {}))
    yield { path, owner: { type: 'rpm', name: owner.name, arch: owner.arch } };
}

/** Lines `P:` and `A:` name a package, `F:` a folder, and `R:` each file in it. */
function* apkPaths(files: FileView): Generator<PackagedPath> {
  for (const database of apkDatabases) {
    const content = openDatabase(files, database, maxApkDatabaseBytes);
    if (!content) continue;
    let owner: PackagedPath['owner'] = { type: 'apk', name: '', arch: '' };
    let folder = '';
    for (const { lines } of readLineBlocks(content, database)) {
      for (const line of lines) {
        const value = line.slice(2);
        if (line.startsWith('P:')) owner = { ...owner, name: value };
        else if (line.startsWith('A:')) owner = { ...owner, arch: value };
        else if (line.startsWith('F:')) folder = value === '' ? '' : `/${value}`;
        else if (line.startsWith('R:')) yield { path: `${folder}/${value}`, owner };
      }
    }
    return;
  }
}

/** One path a line in `.list`; distroless images have only `.md5sums`, with lines `MD5  PATH`. */
function* dpkgPaths(files: FileView, mayName: (list: Buffer) => boolean): Generator<PackagedPath> {
  for (const { name, arch, lists, installed } of dpkgPackages(files)) {
    if (!installed) continue;
    const owner = { type: 'deb', name, arch } as const;
    const list = files.read(`${lists}.list`, maxListBytes);
    const sums = list ? undefined : files.read(`${lists}.md5sums`, maxListBytes);
    if (!mayName(list ?? sums ?? Buffer.alloc(0))) continue;
    for (const line of textLines(list ?? sums ?? Buffer.alloc(0))) {
      const path = list ? line : /^[0-9a-f]{32} [ *](?:\.\/)?([^/].*)$/.exec(line)?.[1];
      if (path) yield { path: list ? path : `/${path}`, owner };
    }
  }
}

/** To look for more names than this takes longer than to read the lines. */
const maxNames = 16;

/** Most lists have no file of these names, and are not cut into lines. */
function namesIn(names: ReadonlySet<string>): (list: Buffer) => boolean {
  if (names.size > maxNames) return () => true;
  const endings = [...names].map((name) => Buffer.from(`/${name}\n`));
  return (list) => endings.some((ending) => list.includes(ending)) || list.at(-1) !== 0x0a;
}

/** Largest list of a package's files, in bytes; the longest of Arch have some 5 MB. */
const maxPacmanListBytes = 32 << 20;

/** Files and links of the packages that pacman installed; a package that cannot be read owns none. @throws PACKAGE_DATABASE_UNREADABLE */
function* pacmanPaths(
  files: FileView,
): Generator<{ path: string; owner: { type: 'alpm'; name: string; arch: string } }> {
  for (const folder of pacmanFolders(files)) {
    const path = `${folder}/files`;
    const content = openDatabase(files, path, maxPacmanListBytes);
    const pkg = content && readPacmanPackage(files, folder);
    if (!pkg || 'code' in pkg) continue;
    const owner = { type: 'alpm', name: pkg.name, arch: pkg.arch } as const;
    let section = '';
    for (const { lines } of readLineBlocks(content, path)) {
      for (const line of lines) {
        if (line === '') section = '';
        else if (section === '') section = line;
        else if (section === '%FILES%' && !line.endsWith('/')) yield { path: `/${line}`, owner };
      }
    }
  }
}

/** Files and links of the packages that portage installed; a package that cannot be read owns none. @throws PACKAGE_DATABASE_UNREADABLE */
function* portagePaths(
  files: FileView,
): Generator<{ path: string; owner: { type: 'ebuild'; name: string; arch: string } }> {
  for (const folder of portageFolders(files)) {
    const contents = portageContents(files, folder);
    const pkg = contents && readPortagePackage(files, folder);
    if (!pkg || 'code' in pkg) continue;
    const owner = { type: 'ebuild', name: pkg.name, arch: pkg.arch } as const;
    for (const { path, kind } of contents.entries) if (kind !== 'directory') yield { path, owner };
  }
}
