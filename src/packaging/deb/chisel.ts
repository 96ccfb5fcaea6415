import { fieldOf, parseJson } from '../../files/json.ts';
import { readTextBlocks } from '../../files/lines.ts';
import { unreadable } from '../../files/unreadable.ts';
import { plainZstd } from '../../files/zstd.ts';
import type { FileView, InstalledPackage, InventoryNote, RandomAccess } from '../../model/inventory/index.ts';
import { type DatabaseReading, databaseOf, incompleteNote, maxPackages, openDatabase } from '../database.ts';
import { historyOf, withLayers } from '../layers.ts';
import { quote } from './deb822.ts';
import { packageName } from './stanza.ts';

/** Where slices of Ubuntu's packages are listed that chisel cut: the place of the slice `base-files_chisel`. */
export const chiselManifest = '/var/lib/chisel/manifest.wall';

/** Limits on the file and on its plain text. A thousand files are some 300 kB, stored in a fifth. */
const maxStoredBytes = 8 << 20;
export const maxChiselBytes = 32 << 20;

/** Values of one line: a file may be of many slices. */
const maxLineValues = 10_000;

/** So many packages are named in a note. */
const named = 5;

/**
 * Reads the packages of which chisel put slices into the image. Undefined: there is no manifest. It does not name the sources of packages;
 * `listed`: what dpkg lists in the same image, which does, and is compared.
 * @throws PACKAGE_DATABASE_UNREADABLE with the line
 */
export function readChiselManifest(
  files: FileView,
  listed: readonly DatabaseReading[],
): DatabaseReading | undefined {
  const content = openDatabase(files, chiselManifest, maxStoredBytes);
  if (!content) return undefined;
  const { packages: found, notes } = readManifest(content);
  const packages = withLayers(
    found,
    historyOf(files, chiselManifest),
    (version) => readManifest(version.content).packages,
  );
  return {
    database: databaseOf('chisel', chiselManifest, packages.length, notes),
    packages,
    notes: [...notes, ...listed.flatMap((reading) => differences(packages, reading))],
  };
}

/** Reports entries that only one of the two lists has. */
function differences(
  packages: readonly InstalledPackage[],
  { database, packages: others }: DatabaseReading,
): InventoryNote[] {
  const details = [
    only(packages, others, `not in ${database.path} as chisel's manifest has them`),
    only(others, packages, `of ${database.path} not in chisel's manifest`),
  ].filter((detail) => detail !== undefined);
  return details.map((detail) => ({ code: 'package_lists_differ', where: chiselManifest, detail }));
}

function only(
  these: readonly InstalledPackage[],
  others: readonly InstalledPackage[],
  words: string,
): string | undefined {
  const known = new Set(others.map(build));
  const missing = these.map(build).filter((each) => !known.has(each));
  if (missing.length === 0) return undefined;
  const some = missing.slice(0, named).join(', ');
  return `${missing.length} packages are ${words}: ${some}${missing.length > named ? ', …' : ''}`;
}

function build({ name, version, arch }: InstalledPackage): string {
  return `${name} ${version} ${arch}`;
}

interface Manifest {
  packages: InstalledPackage[];
  notes: InventoryNote[];
}

/** A jsonwall: a header, then an object on each line, of a kind that it names. */
function readManifest(stored: RandomAccess): Manifest {
  const plain = plainZstd(stored, { maxBytes: maxChiselBytes, where: chiselManifest });
  const packages: InstalledPackage[] = [];
  const ofSlices = new Set<string>();
  let declared: number | undefined;
  let line = 0;
  for (const text of linesOf(plain)) {
    line += 1;
    const place = `${chiselManifest} line ${line}`;
    // The last of two members of one name would hide a package.
    const entry = parseJson(text, { uniqueNames: true, maxValues: maxLineValues });
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
      throw unreadable(place, `expected an object in JSON, no name of it twice, found ${quote(text)}`);
    declared ??= declaredIn(entry, place);
    if (line === 1) continue;
    const kind = textIn(entry, 'kind');
    if (kind === 'slice') ofSlices.add(textIn(entry, 'name').replace(/_.*/s, ''));
    if (kind !== 'package') continue;
    if (packages.length === maxPackages)
      throw unreadable(place, `expected at most ${maxPackages} packages, found more`);
    packages.push(packageOf(entry, place));
  }
  if (declared === undefined) throw unreadable(chiselManifest, 'expected a header, found no line');
  return { packages, notes: lossesOf(packages, ofSlices, { declared, found: line }) };
}

function* linesOf(plain: RandomAccess): Generator<string> {
  for (const { text } of readTextBlocks(plain, chiselManifest)) yield* text.split('\n');
}

/** `{"jsonwall":"1.0","schema":"1.0","count":84}`: the count is that of all lines. */
function declaredIn(header: object, place: string): number {
  const [wall, schema, count] = [
    textIn(header, 'jsonwall'),
    textIn(header, 'schema'),
    fieldOf(header, 'count'),
  ];
  if (!/^1\./.test(wall) || !/^1\./.test(schema))
    throw unreadable(place, `expected jsonwall 1 of schema 1, found ${quote(wall)} of ${quote(schema)}`);
  if (!Number.isSafeInteger(count)) throw unreadable(place, 'expected the number of lines, found none');
  return count as number;
}

function packageOf(entry: object, place: string): InstalledPackage {
  const [name, version, arch] = [textIn(entry, 'name'), textIn(entry, 'version'), textIn(entry, 'arch')];
  if (!packageName.test(name))
    throw unreadable(place, `expected the name of a package, found ${quote(name)}`);
  if (version === '' || /\s/.test(version))
    throw unreadable(`${place} (${name})`, `expected a version, found ${quote(version)}`);
  return {
    ...{ type: 'deb', name, version, arch, source: { name, version } },
    ...{ database: chiselManifest, unstated: ['source'] },
  };
}

/** Entries that a manifest declares and does not have, because it was truncated between two lines or edited. */
function lossesOf(
  packages: readonly InstalledPackage[],
  ofSlices: ReadonlySet<string>,
  { declared, found }: { declared: number; found: number },
): InventoryNote[] {
  const known = new Set(packages.map(({ name }) => name));
  const missing = [...ofSlices].filter((name) => !known.has(name));
  const details = [
    ...(declared === found ? [] : [`the header declares ${declared} lines, ${found} are there`]),
    ...(missing.length === 0
      ? []
      : [`${missing.length} packages have slices and are not listed: ${missing.slice(0, named).join(', ')}`]),
  ];
  return details.map((detail) => incompleteNote(chiselManifest, detail));
}

/** A text of an object; empty if it is none. */
function textIn(entry: object, name: string): string {
  const value = fieldOf(entry, name);
  return typeof value === 'string' ? value : '';
}
