import type { FileView } from '../../model/index.ts';
import { portageContents } from './contents.ts';
import { portageFolders, readPortagePackage } from './database.ts';

/** Files and links of the packages that portage installed; a package that cannot be read owns none. @throws PACKAGE_DATABASE_UNREADABLE */
export function* portagePaths(
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
