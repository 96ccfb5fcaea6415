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
import { realPath } from '../real-path.ts';
import { unreadable } from '../unreadable.ts';
import { bdbHeaders } from './bdb.ts';
import { parseHeader } from './header.ts';
import type { HeaderBlob } from './header-blob.ts';
import { headerDamage } from './header-digest.ts';
import { ndbHeaders } from './ndb.ts';
import { rpmPackage } from './package.ts';
import { sqliteHeaders } from './sqlite.ts';

/** Where rpm keeps its database: by tradition, on SUSE and RHEL 10, and on rpm-ostree systems. */
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

/** The newest first: after a conversion the older file may be left over. */
const backends: readonly Backend[] = [
  { kind: 'rpm-sqlite', file: 'rpmdb.sqlite', headers: sqliteHeaders },
  { kind: 'rpm-ndb', file: 'Packages.db', headers: (content, _, ...rest) => ndbHeaders(content, ...rest) },
  { kind: 'rpm-bdb', file: 'Packages', headers: (content, _, ...rest) => bdbHeaders(content, ...rest) },
];

const logSuffix = '-wal';

export const rpmDatabasePaths: readonly string[] = folders.flatMap((folder) => [
  ...backends.map(({ file }) => `${folder}/${file}`),
  `${folder}/rpmdb.sqlite${logSuffix}`,
]);

/** The largest seen (a workstation with texlive) has 250 MB. */
export const maxDatabaseBytes = 2 ** 31;
export const maxLogBytes = 256 << 20;

/** Every rpm database of an image, one a folder; folders that are links to each other are one. */
export function readRpmDatabases(files: FileView): DatabaseReading[] {
  const real = new Set(folders.map((folder) => realPath(files, folder) ?? folder));
  return [...real].flatMap((folder) => readFolder(files, folder) ?? []);
}

/** The newest backend's file that is not empty; a folder with empty files only has a database without packages. */
function readFolder(files: FileView, folder: string): DatabaseReading | undefined {
  if (files.stat(folder)?.type !== 'directory') return undefined;
  let empty: DatabaseReading | undefined;
  for (const backend of backends) {
    const path = `${folder}/${backend.file}`;
    const content = openDatabase(files, path, maxDatabaseBytes);
    if (content && content.size > 0) return readDatabase(files, backend, path, content);
    if (content) empty ??= emptyReading(backend.kind, path);
  }
  return empty;
}

function readDatabase(
  files: FileView,
  backend: Backend,
  path: string,
  content: RandomAccess,
): DatabaseReading {
  const notes: InventoryNote[] = [];
  const lost: ReportLoss = (detail) => notes.push(incompleteNote(path, detail));
  const log = openDatabase(files, path + logSuffix, maxLogBytes);
  const packages = readPackages(backend, path, { content, log }, notes, lost);
  const history = databaseHistory(files, path);
  const layered = withLayers(packages, history, (version) =>
    readPackages(backend, path, version, [], ignored),
  );
  return { database: databaseOf(backend.kind, path, packages.length, notes), packages: layered, notes };
}

/**
 * Every header of the image's rpm databases with its package, for those who need more of it than an inventory. Each is
 * compared with its own digest, as rpm does at every reading; an inventory does not, for it would take half as long
 * again (15 ms for 20 MB). Errors: PACKAGE_DATABASE_UNREADABLE, also where a database lacks what it declares, unless
 * `lost` accepts that.
 */
export function* rpmHeaders(
  files: FileView,
  lost?: ReportLoss,
): Generator<{ blob: HeaderBlob; item: InstalledPackage }> {
  const real = new Set(folders.map((folder) => realPath(files, folder) ?? folder));
  for (const folder of real) {
    for (const backend of backends) {
      const path = `${folder}/${backend.file}`;
      const content = openDatabase(files, path, maxDatabaseBytes);
      if (!content || content.size === 0) continue;
      const log = openDatabase(files, path + logSuffix, maxLogBytes);
      for (const blob of backend.headers(content, log, path, lost ?? refused(path))) {
        const header = parseHeader(blob);
        const damage = headerDamage(blob);
        if (damage) throw unreadable(blob.where, damage);
        const item = rpmPackage(header, path, []);
        if (item) yield { blob, item };
      }
      break;
    }
  }
}

function refused(path: string): ReportLoss {
  return (detail) => {
    throw unreadable(path, `expected a complete database: ${detail}`);
  };
}

/** What an older layer's version lacks says nothing of what is installed. */
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

/** The database as each layer left it that touched it or its log; a log below its database was written back into it. */
function databaseHistory(files: FileView, path: string): (DatabaseFiles & { layer: number })[] {
  const contents = files.history(path);
  const logs = files.history(path + logSuffix);
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
