import { beginningOfFile, type InstalledForm } from './form.ts';
import { packageFile, statedPackage } from './stated.ts';
import { isTestData } from './test-data.ts';

/** Name and version are among the first lines; licences and descriptions follow. */
const mostBytes = 64 << 10;

const places = /(?:[./]dist-info\/METADATA|[./]egg-info\/PKG-INFO|[^/]\.egg-info)$/i;

/** Metadata that installers of Python write, https://packaging.python.org/en/latest/specifications/core-metadata/ */
export const python: InstalledForm = {
  name: 'dist-info',
  begin(path) {
    if (!places.test(path) || homes.some((home) => isTestData(path, home))) return undefined;
    return beginningOfFile({ mostBytes, isEnough: hasEmptyLine }, (bytes) => {
      const [name, version] = headersOf(bytes, 'name', 'version');
      return packageFile([statedPackage('pypi', name, version)]);
    });
  },
};

const homes = ['site-packages', 'dist-packages'];

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
