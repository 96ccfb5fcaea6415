import { inventoryWanted } from '../inventory/index.ts';
import type { Inspection, Wanted } from '../model/index.ts';
import { dpkgInfo, dpkgStatusFolder } from '../packaging/deb/database.ts';
import { accountPaths } from './accounts.ts';
import { diversionsPath, statOverridePath } from './dpkg-overrides.ts';

const paths: ReadonlySet<string> = new Set([...accountPaths, diversionsPath, statOverridePath]);

/** Contents that a verification reads: the package databases with their lists of files. */
export const verifyWanted: Wanted = (path) => {
  if (inventoryWanted(path) || paths.has(path)) return true;
  const folder = path.slice(0, path.lastIndexOf('/'));
  if (folder === dpkgInfo) return path.endsWith('.list') || path.endsWith('.md5sums');
  return folder === dpkgStatusFolder && path.endsWith('.md5sums');
};

/** Which algorithm a database uses is known only when the layers have gone by: dpkg has md5, rpm mostly sha256. */
export const verifyInspection: Inspection = { files: () => true, digests: ['md5', 'sha256'] };
