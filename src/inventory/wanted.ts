import {
  buildInfoFolder,
  contentManifestFolders,
  labelsPaths,
  modulesFolder,
} from '../distros/redhat/image/context.ts';
import { aptAuthFolder, proStatusPaths } from '../distros/ubuntu/image/pro.ts';
import type { Wanted } from '../model/index.ts';
import { aptSourcesFolder, aptSourcesList } from '../packaging/deb/apt.ts';
import {
  digestSuffix,
  dpkgInfo,
  dpkgStatus,
  dpkgStatusFolder,
  dpkgUpdates,
} from '../packaging/deb/database.ts';
import { logSuffix, rpmDatabasePaths } from '../packaging/rpm/index.ts';
import { osReleasePaths } from './os-release.ts';
import { releaseFilePaths } from './release-files.ts';

const paths: ReadonlySet<string> = new Set([
  ...osReleasePaths,
  ...releaseFilePaths,
  ...rpmDatabasePaths,
  ...proStatusPaths,
  ...labelsPaths,
  dpkgStatus,
  aptSourcesList,
]);

/** Folders whose files are all kept: each is small, or holds what its names cannot tell beforehand. */
const folders: ReadonlySet<string> = new Set([
  dpkgStatusFolder,
  dpkgUpdates,
  aptSourcesFolder,
  aptAuthFolder,
  modulesFolder,
  ...contentManifestFolders,
]);

/** What an inventory looks for by name: however many links lead there, it is found. */
export const inventoryPlaces: readonly string[] = [...paths, ...folders, buildInfoFolder, dpkgInfo];

/** Endings of what belongs beside the file that such a place leads to. */
export const inventoryCompanions: readonly string[] = [logSuffix];

/** Which files an inventory reads, links and what they usually lead to alike. */
export const inventoryWanted: Wanted = (path) => {
  if (paths.has(path)) return true;
  const slash = path.lastIndexOf('/');
  const folder = path.slice(0, slash);
  if (folders.has(folder)) return !path.endsWith(digestSuffix);
  return folder === buildInfoFolder && path.startsWith('Dockerfile-', slash + 1);
};
