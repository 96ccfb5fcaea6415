import { readLineBlocks } from '../files/lines.ts';
import { textLines } from '../files/text-lines.ts';
import type { DatabaseType, FileView } from '../model/index.ts';
import { apkDatabases, maxApkDatabaseBytes } from './apk/database.ts';
import { openDatabase } from './database.ts';
import { dpkgPackages, maxListBytes } from './deb/listed-packages.ts';
import { ownedNames } from './rpm/owned-files.ts';

/** A path as a package's list has it: links in its folders are not resolved. */
export interface PackagedPath {
  path: string;
  owner: { type: DatabaseType; name: string; arch: string };
}

/**
 * Every path that a package of the image owns, in the order of the databases. Distroless images list no links and no configuration.
 * @throws PACKAGE_DATABASE_UNREADABLE, IMAGE_LIMIT_EXCEEDED
 */
export function* packagedPaths(files: FileView): Generator<PackagedPath> {
  yield* apkPaths(files);
  yield* dpkgPaths(files);
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

/** Distroless images have only digests, whose lines have the path after them. */
function* dpkgPaths(files: FileView): Generator<PackagedPath> {
  for (const { name, arch, lists, installed } of dpkgPackages(files)) {
    if (!installed) continue;
    const owner = { type: 'deb', name, arch } as const;
    const list = files.read(`${lists}.list`, maxListBytes);
    const sums = list ? undefined : files.read(`${lists}.md5sums`, maxListBytes);
    for (const line of textLines(list ?? sums ?? Buffer.alloc(0))) {
      const path = list ? line : /^[0-9a-f]{32} [ *](?:\.\/)?([^/].*)$/.exec(line)?.[1];
      if (path) yield { path: list ? path : `/${path}`, owner };
    }
  }
}
