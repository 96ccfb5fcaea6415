import type { PackageFileReader } from '../../model/inventory/index.ts';
import { beginningOfFile, type InstalledForm } from './form.ts';
import { packageFile, statedPackage } from './stated.ts';
import { isTestData } from './test-data.ts';

/** Name and version are among the first lines; licences and descriptions follow. */
const mostBytes = 64 << 10;

const places = /(?:[./]dist-info\/METADATA|[./]egg-info\/PKG-INFO|[^/]\.egg-info)$/i;

/**
 * The list of a package's files, which pip needs to remove it: some builds keep it alone. Name and version are those of the folder,
 * https://packaging.python.org/en/latest/specifications/recording-installed-packages/
 */
const record = /(?:^|\/)([^/]*)[.]dist-info\/RECORD$/i;

/** Metadata that installers of Python write, https://packaging.python.org/en/latest/specifications/core-metadata/ */
export const python: InstalledForm = {
  name: 'dist-info',
  begin(path) {
    if (isTestData(path)) return undefined;
    const [, folder] = record.exec(path) ?? [];
    if (folder !== undefined) return namedByFolder(folder);
    if (!places.test(path)) return undefined;
    return beginningOfFile({ mostBytes, isEnough: hasEmptyLine }, (bytes) => {
      const [name, version] = headersOf(bytes, 'name', 'version');
      return packageFile([statedPackage('pypi', name, version)]);
    });
  },
};

function namedByFolder(folder: string): PackageFileReader {
  const [, name, version] = /^([^-]+)-([^-]+)$/.exec(folder) ?? [];
  const stated = packageFile([statedPackage('pypi', name, version)]);
  const packages = stated.packages.map((each) => ({ ...each, by: 'file name' as const }));
  return { push: () => {}, isOver: true, end: () => ({ ...stated, packages }) };
}

/** The first header of each name. Lines that are none are passed over; other encodings than UTF-8 occur, with ASCII names and versions. */
function headersOf(bytes: Buffer, ...names: string[]): (string | undefined)[] {
  const found = new Map<string, string>();
  for (const line of bytes
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .split(/\r\n?|\n/)) {
    if (line === '') break;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (names.includes(name) && !found.has(name)) found.set(name, line.slice(colon + 1));
  }
  return names.map((name) => found.get(name));
}

/** One that two pieces share is not seen, and more is read. */
function hasEmptyLine(piece: Buffer): boolean {
  return piece.includes('\n\n') || piece.includes('\n\r\n');
}
