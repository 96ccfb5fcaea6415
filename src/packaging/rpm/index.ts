import { unreadable } from '../../files/unreadable.ts';
import type {
  DatabaseKind,
  FileView,
  InstalledPackage,
  InventoryNote,
  RandomAccess,
} from '../../model/index.ts';
import {
  type DatabaseReading,
  databaseOf,
  incompleteNote,
  maxPackages,
  openDatabase,
  type ReportLoss,
} from '../database.ts';
import { withLayers } from '../layers.ts';
import { bdbHeaders } from './bdb.ts';
import { parseHeader } from './header.ts';
import type { HeaderBlob } from './header-blob.ts';
import { headerDamage } from './header-digest.ts';
import { containerManifest, readContainerManifest } from './manifest.ts';
import { ndbHeaders } from './ndb.ts';
import { rpmPackage } from './package.ts';
import { sqliteHeaders } from './sqlite.ts';

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
];

/** The largest seen (a workstation with texlive) has 250 MB. */
export const maxDatabaseBytes = 2 ** 31;
export const maxLogBytes = 256 << 20;

/** Every rpm database of an image, one per folder; folders that are links to each other count once. Without one, its manifest. */
export function readRpmDatabases(files: FileView): DatabaseReading[] {
  const real = new Set(folders.map((folder) => files.real(folder) ?? folder));
  const found = [...real].flatMap((folder) => readFolder(files, folder) ?? []);
  if (found.some(({ database }) => database.packages > 0)) return found;
  const manifest = readContainerManifest(files);
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
