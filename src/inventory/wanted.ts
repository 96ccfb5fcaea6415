import { imageReaders } from '../distros/images.ts';
import type { Wanted } from '../model/inventory/index.ts';
import { isPacmanFile, pacmanLocal } from '../packaging/alpm/database.ts';
import { apkDatabases, apkWorld } from '../packaging/apk/database.ts';
import { aptSourcesFolder, aptSourcesList } from '../packaging/deb/apt.ts';
import { chiselManifest } from '../packaging/deb/chisel.ts';
import { dpkgInfo, dpkgStatus, dpkgStatusFolder, dpkgUpdates } from '../packaging/deb/database.ts';
import { isPortageFile, portageDatabase } from '../packaging/ebuild/database.ts';
import { logSuffix, rpmDatabasePaths } from '../packaging/rpm/index.ts';
import { modulesFolder } from '../packaging/rpm/modules.ts';
import { osReleasePaths } from './os-release.ts';
import { ownerListWanted } from './package-files.ts';
import { releaseFilePaths } from './release-files.ts';

interface Places {
  paths: ReadonlySet<string>;
  /** Folders of which all files are kept: each is small, or its file names are not known in advance. */
  folders: ReadonlySet<string>;
  prefixes: readonly { folder: string; prefix: string }[];
}

/** Computed once: the distributions do not change after the first image is read. */
let known: Places | undefined;

function places(): Places {
  if (known) return known;
  const wanted = imageReaders.flatMap((reader) => reader.wanted ?? []);
  known = {
    paths: new Set([
      ...osReleasePaths,
      ...releaseFilePaths(),
      ...apkDatabases,
      apkWorld,
      ...rpmDatabasePaths,
      ...wanted.flatMap(({ paths }) => paths),
      dpkgStatus,
      chiselManifest,
      aptSourcesList,
    ]),
    folders: new Set([
      dpkgStatusFolder,
      dpkgUpdates,
      aptSourcesFolder,
      modulesFolder,
      ...wanted.flatMap(({ folders }) => folders),
    ]),
    prefixes: wanted.flatMap(({ prefixes = [] }) => prefixes),
  };
  return known;
}

/** Paths that an inventory looks up by name, through any number of links. */
export function inventoryPlaces(): string[] {
  const { paths, folders, prefixes } = places();
  return [
    ...paths,
    ...folders,
    ...prefixes.map(({ folder }) => folder),
    dpkgInfo,
    pacmanLocal,
    portageDatabase,
  ];
}

/** Suffixes of files that belong to a file at such a path. */
export const inventoryCompanions: readonly string[] = [logSuffix];

/** The files that an inventory reads, including usual targets of links. */
export const inventoryWanted: Wanted = (path) => {
  if (ownerListWanted(path) || isPacmanFile(path, 'desc') || isPortageFile(path, 'facts')) return true;
  const { paths, folders, prefixes } = places();
  if (paths.has(path)) return true;
  const slash = path.lastIndexOf('/');
  const folder = path.slice(0, slash);
  if (folders.has(folder)) return true;
  return prefixes.some((each) => folder === each.folder && path.startsWith(each.prefix, slash + 1));
};
