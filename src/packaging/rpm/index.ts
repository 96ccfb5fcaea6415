import { createHash } from 'node:crypto';
import { unreadable } from '../../files/unreadable.ts';
import type {
  DatabaseKind,
  FileView,
  InstalledPackage,
  InventoryNote,
  RandomAccess,
} from '../../model/inventory/index.ts';
import {
  type DatabaseReading,
  databaseOf,
  incompleteNote,
  maxPackages,
  openDatabase,
  type ReportLoss,
} from '../database.ts';
import { historyOf, withLayers } from '../layers.ts';
import { applicationInventories, readApplicationInventory } from './application-inventory.ts';
import { bdbHeaders } from './bdb.ts';
import { parseHeader } from './header.ts';
import { type HeaderBlob, uint32At } from './header-blob.ts';
import { ndbHeaders } from './ndb.ts';
import { rpmPackage, sourceOfRpm } from './package.ts';
import { sqliteHeaders } from './sqlite.ts';
import { parseRpmEvr } from './version.ts';

/** Replaces rpm's database in distroless images of CBL-Mariner and Azure Linux: a line for each package. */
const containerManifest = '/var/lib/rpmmanifest/container-manifest-2';

/** A line has some 150 bytes. */
const maxBytes = 2 ** 24;

/** Undefined: there is none. A line of another form makes the list incomplete. @throws PACKAGE_DATABASE_UNREADABLE */
function readContainerManifest(files: FileView): DatabaseReading | undefined {
  const content = openDatabase(files, containerManifest, maxBytes);
  if (!content) return undefined;
  const { packages: listed, notes } = read(content);
  const packages = withLayers(
    listed,
    historyOf(files, containerManifest),
    (version) => read(version.content).packages,
  );
  return { database: databaseOf('rpm-manifest', containerManifest, packages.length, notes), packages, notes };
}

function read(content: RandomAccess): { packages: InstalledPackage[]; notes: InventoryNote[] } {
  const lines = content.read(0, content.size).toString('utf8').split('\n');
  const packages: InstalledPackage[] = [];
  const notes: InventoryNote[] = [];
  for (const [at, line] of lines.entries()) {
    if (line === '') continue;
    const item = at < maxPackages ? packageOf(line) : undefined;
    if (item) packages.push(item);
    else notes.push(incompleteNote(`${containerManifest}:${at + 1}`, 'a line that is no package of rpm'));
    if (at >= maxPackages) break;
  }
  return { packages, notes };
}

/** Name, version-release, times of installation and build, vendor, a constant, size, architecture, epoch, source. */
function packageOf(line: string): InstalledPackage | undefined {
  const fields = line.split('\t');
  const [name = '', build = '', , , vendor = '', , , arch = '', epoch = '', sourceRpm] = fields;
  const version = epoch === '0' ? build : `${epoch}:${build}`;
  const isPackage =
    fields.length === 10 && /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(name) && /^\d{1,9}$/.test(epoch);
  if (!isPackage || parseRpmEvr(version)?.release === undefined) return undefined;
  return {
    type: 'rpm',
    name,
    version,
    arch,
    source: sourceOfRpm(sourceRpm) ?? { name, version: build },
    ...(vendor === '' || vendor === '(none)' ? {} : { vendor }),
    unstated: ['signature'],
    database: containerManifest,
  };
}

/** Tags of rpmtag.h: the signed region of a header, and its digests. */
const immutableRegion = 63;
const digests = [
  { tag: 273, algorithm: 'sha256', digits: 64 },
  { tag: 269, algorithm: 'sha1', digits: 40 },
] as const;

const magic = Buffer.from('8eade80100000000', 'hex');
const entryBytes = 16;

/**
 * Compares a header with its digest in the package, which covers the entries and data of the build; what rpm adds at
 * installation follows them. The header's outer form has been checked by parseHeader.
 * Returns undefined if they are equal or there is no digest.
 */
function headerDamage({ bytes }: HeaderBlob): string | undefined {
  const region = builtRegion(bytes);
  if (!region) return undefined;
  for (const { tag, algorithm, digits } of digests) {
    const stated = textOf(bytes, tag, digits);
    if (stated === undefined) continue;
    const counts = Buffer.alloc(8);
    counts.writeUInt32BE(region.entries, 0);
    counts.writeUInt32BE(region.dataBytes, 4);
    const data = dataStart(bytes);
    const found = createHash(algorithm)
      .update(magic)
      .update(counts)
      .update(bytes.subarray(8, 8 + entryBytes * region.entries))
      .update(bytes.subarray(data, data + region.dataBytes))
      .digest('hex');
    return found === stated ? undefined : `expected a header of ${algorithm} ${stated}, found ${found}`;
  }
  return undefined;
}

/** The first entry has the offset of a trailer after the data, which has the size of the entries. */
function builtRegion(bytes: Buffer): { entries: number; dataBytes: number } | undefined {
  if (uint32At(bytes, 8) !== immutableRegion) return undefined;
  const offset = uint32At(bytes, 16);
  const trailer = dataStart(bytes) + offset;
  if (trailer + entryBytes > bytes.length) return undefined;
  const entries = -bytes.readInt32BE(trailer + 8) / entryBytes;
  const whole = Number.isInteger(entries) && entries > 0 && entries <= uint32At(bytes, 0);
  return whole ? { entries, dataBytes: offset + entryBytes } : undefined;
}

function textOf(bytes: Buffer, tag: number, digits: number): string | undefined {
  const data = dataStart(bytes);
  for (let at = 8; at < data; at += entryBytes) {
    if (uint32At(bytes, at) !== tag) continue;
    const start = data + uint32At(bytes, at + 8);
    return bytes.toString('latin1', start, start + digits);
  }
  return undefined;
}

function dataStart(bytes: Buffer): number {
  return 8 + entryBytes * uint32At(bytes, 0);
}

/** Where rpm keeps its database: traditionally, on SUSE and RHEL 10, and on rpm-ostree systems. */
const folders = ['/var/lib/rpm', '/usr/lib/sysimage/rpm', '/usr/share/rpm'] as const;

interface Backend {
  kind: DatabaseKind;
  file: string;
  headers(
    content: RandomAccess,
    log: RandomAccess | undefined,
    where: string,
    lost: ReportLoss,
  ): Generator<HeaderBlob>;
}

/** The newest first. */
const backends: readonly Backend[] = [
  { kind: 'rpm-sqlite', file: 'rpmdb.sqlite', headers: sqliteHeaders },
  { kind: 'rpm-ndb', file: 'Packages.db', headers: (content, _, ...rest) => ndbHeaders(content, ...rest) },
  { kind: 'rpm-bdb', file: 'Packages', headers: (content, _, ...rest) => bdbHeaders(content, ...rest) },
];

/** Suffix of SQLite's write-ahead log. */
export const logSuffix = '-wal';

/** Each file with its log: a link may give the database of one backend the name of another's. */
export const rpmDatabasePaths: readonly string[] = [
  ...folders.flatMap((folder) =>
    backends.flatMap(({ file }) => [`${folder}/${file}`, `${folder}/${file}${logSuffix}`]),
  ),
  containerManifest,
  ...applicationInventories,
];

/** The largest seen (a workstation with texlive) has 250 MB. */
const maxDatabaseBytes = 2 ** 31;
const maxLogBytes = 256 << 20;

/** Every rpm database of an image, one per folder; folders that are links to each other count once. Without one, its manifest. */
export function readRpmDatabases(files: FileView): DatabaseReading[] {
  const real = new Set(folders.map((folder) => files.real(folder) ?? folder));
  const found = [...real].flatMap((folder) => readFolder(files, folder) ?? []);
  if (found.some(({ database }) => database.packages > 0)) return found;
  const manifest = readContainerManifest(files) ?? readApplicationInventory(files);
  return manifest ? [...found, manifest] : found;
}

interface Found {
  backend: Backend;
  path: string;
  content: RandomAccess;
}

/** A folder with only empty files has a database without packages. */
function readFolder(files: FileView, folder: string): DatabaseReading | undefined {
  if (files.stat(folder)?.type !== 'directory') return undefined;
  const found = databasesIn(files, folder);
  const [newest, ...others] = found.filter(isFilled);
  if (newest) return readDatabase(files, newest, others);
  return found[0] && emptyReading(found[0].backend.kind, found[0].path);
}

/** The databases of a folder, the newest backend first. */
function databasesIn(files: FileView, folder: string): Found[] {
  return backends.flatMap((backend) => {
    const path = `${folder}/${backend.file}`;
    const content = openDatabase(files, path, maxDatabaseBytes);
    return content ? [{ backend, path, content }] : [];
  });
}

function isFilled({ content }: Found): boolean {
  return content.size > 0;
}

/** rpm's configuration decides which of several databases is used, so none of them counts as complete. */
function reportOthers(others: readonly Found[], lost: ReportLoss): void {
  for (const { path } of others) lost(`${path} is a database too, and was not read`);
}

function readDatabase(
  files: FileView,
  { backend, path, content }: Found,
  others: readonly Found[],
): DatabaseReading {
  const notes: InventoryNote[] = [];
  const lost: ReportLoss = (detail) => notes.push(incompleteNote(path, detail));
  reportOthers(others, lost);
  const log = openDatabase(files, logOf(files, path), maxLogBytes);
  const packages = readPackages(backend, path, { content, log }, notes, lost);
  const history = databaseHistory(files, path);
  const layered = withLayers(packages, history, (version) =>
    readPackages(backend, path, version, [], ignored),
  );
  return { database: databaseOf(backend.kind, path, packages.length, notes), packages: layered, notes };
}

/**
 * Yields every header of the image's rpm databases with its package, for readers that need more than an inventory. Each is
 * compared with its own digest, as rpm does at every reading; an inventory does not, because it would take half as long
 * again (15 ms for 20 MB). @throws PACKAGE_DATABASE_UNREADABLE, also if a database lacks what it declares, unless `lost`
 * accepts that
 */
export function* rpmHeaders(
  files: FileView,
  lost?: ReportLoss,
): Generator<{ blob: HeaderBlob; item: InstalledPackage }> {
  const real = new Set(folders.map((folder) => files.real(folder) ?? folder));
  for (const folder of real) {
    const [newest, ...others] = databasesIn(files, folder).filter(isFilled);
    if (!newest) continue;
    const { backend, path, content } = newest;
    const report = lost ?? refused(path);
    reportOthers(others, report);
    const log = openDatabase(files, logOf(files, path), maxLogBytes);
    for (const blob of backend.headers(content, log, path, report)) {
      const header = parseHeader(blob);
      const damage = headerDamage(blob);
      if (damage) throw unreadable(blob.where, damage);
      const item = rpmPackage(header, path, []);
      if (item) yield { blob, item };
    }
  }
}

/** SQLite keeps the log beside the target of the links. */
function logOf(files: FileView, path: string): string {
  return (files.real(path) ?? path) + logSuffix;
}

function refused(path: string): ReportLoss {
  return (detail) => {
    throw unreadable(path, `expected a complete database: ${detail}`);
  };
}

/** Missing records in an older layer's version do not matter: they do not affect the installed packages. */
function ignored(): void {}

interface DatabaseFiles {
  content: RandomAccess;
  log: RandomAccess | undefined;
}

function readPackages(
  backend: Backend,
  path: string,
  { content, log }: DatabaseFiles,
  notes: InventoryNote[],
  lost: ReportLoss,
) {
  const packages: InstalledPackage[] = [];
  for (const blob of backend.headers(content, log, path, lost)) {
    const item = rpmPackage(parseHeader(blob), path, notes);
    if (item) packages.push(item);
    if (packages.length > maxPackages)
      throw unreadable(path, `expected at most ${maxPackages} packages, found more`);
  }
  return packages;
}

/** The database after each layer that changed it or its log; a log in a lower layer than its database is already in it. */
function databaseHistory(files: FileView, path: string): (DatabaseFiles & { layer: number })[] {
  const contents = files.history(path);
  const logs = files.history(logOf(files, path));
  const layers = [...new Set([...contents, ...logs].map(({ layer }) => layer))].sort((a, b) => a - b);
  return layers.flatMap((layer) => {
    const content = contents.findLast((version) => version.layer <= layer);
    const log = logs.findLast((version) => version.layer <= layer);
    if (!content) return [];
    return [
      { layer, content: content.content, log: log && log.layer >= content.layer ? log.content : undefined },
    ];
  });
}

function emptyReading(kind: DatabaseKind, path: string): DatabaseReading {
  return { database: { kind, path, packages: 0 }, packages: [], notes: [] };
}
