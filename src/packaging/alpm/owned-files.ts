import { readLineBlocks } from '../../files/lines.ts';
import type { FileView } from '../../model/index.ts';
import { openDatabase } from '../database.ts';
import { pacmanFolders, readPacmanPackage } from './database.ts';

/** Largest list of a package's files, in bytes; the longest of Arch have some 5 MB. */
const maxListBytes = 32 << 20;

/** Files and links of the packages that pacman installed; a package that cannot be read owns none. @throws PACKAGE_DATABASE_UNREADABLE */
export function* pacmanPaths(
  files: FileView,
): Generator<{ path: string; owner: { type: 'alpm'; name: string; arch: string } }> {
  for (const folder of pacmanFolders(files)) {
    const path = `${folder}/files`;
    const content = openDatabase(files, path, maxListBytes);
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
