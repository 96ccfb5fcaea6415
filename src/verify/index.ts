import { inventoryWanted } from '../inventory/index.ts';
import type { Inspection, Wanted } from '../model/inventory/index.ts';
import { dpkgInfo, dpkgStatusFolder } from '../packaging/deb/database.ts';
import { accountPaths } from './owners.ts';
import { diversionsPath, statOverridePath } from './rights.ts';

const paths: ReadonlySet<string> = new Set([...accountPaths, diversionsPath, statOverridePath]);

/** The files that a verification reads: the package databases with their file lists. */
export const verifyWanted: Wanted = (path) => {
  if (inventoryWanted(path) || paths.has(path)) return true;
  const folder = path.slice(0, path.lastIndexOf('/'));
  if (folder === dpkgInfo) return path.endsWith('.list') || path.endsWith('.md5sums');
  return folder === dpkgStatusFolder && path.endsWith('.md5sums');
};

/** The algorithm of a database is known only after the layers are read: apk uses sha1, dpkg md5, rpm mostly sha256. */
export const verifyInspection: Inspection = { files: () => true, digests: ['md5', 'sha1', 'sha256'] };

export { type VerifyInput, type VerifyOptions, verifyFiles, verifyFilesInSteps } from './verify-files.ts';
