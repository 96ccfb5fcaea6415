import { createHash } from 'node:crypto';
import type { ImageContext, ImageFacts, ImageReader } from '../distros/contract.ts';
import { imageReaders } from '../distros/images.ts';
import { unique } from '../files/text.ts';
import { ifReadable } from '../files/unreadable.ts';
import {
  type FileView,
  type InstalledPackage,
  type Inventory,
  type InventoryNote,
  type Layer,
  lostDistribution,
  type OsRelease,
  type PackageDatabase,
  type PackageDescription,
  unreadContext,
  type Wanted,
} from '../model/inventory/index.ts';
import { compareCodeUnits } from '../model/order.ts';
import { pacmanLicences, pacmanLocal, readPacmanDatabase } from '../packaging/alpm/database.ts';
import { apkDatabases, readApkDatabase } from '../packaging/apk/database.ts';
import { apkDescriptions } from '../packaging/apk/description.ts';
import type { DatabaseReading } from '../packaging/database.ts';
import { readAptSources } from '../packaging/deb/apt.ts';
import { chiselManifest, readChiselManifest } from '../packaging/deb/chisel.ts';
import { copyrightPath, isCopyrightFile, readCopyright } from '../packaging/deb/copyright.ts';
import { dpkgStatus, readDpkgStatus, readDpkgStatusFolder } from '../packaging/deb/database.ts';
import { portageDatabase, portageLicences, readPortageDatabase } from '../packaging/ebuild/database.ts';
import { rpmDescriptions } from '../packaging/rpm/description.ts';
import { readRpmDatabases, rpmDatabasePaths } from '../packaging/rpm/index.ts';
import { readEnabledModules } from '../packaging/rpm/modules.ts';
import { detectOs, osReleasePaths } from './os-release.ts';

/** The files that descriptions are read from, besides those of an inventory. */
export const descriptionWanted: Wanted = isCopyrightFile;

/** Licences and digests of packages, for SBOMs. They are read when the first is asked for, in a second pass over the database. */
export function packageDescriptions(files: FileView): (pkg: InstalledPackage) => PackageDescription {
  const copyrights = new Map<string, string[] | undefined>();
  let rpms: Map<string, PackageDescription> | undefined;
  let apks: Map<string, PackageDescription> | undefined;
  return (pkg) => {
    if (pkg.type === 'rpm') {
      rpms ??= readRpms(files);
      return rpms.get(keyOf(pkg)) ?? { licences: [] };
    }
    if (pkg.type === 'apk') {
      apks ??= apkDescriptions(files);
      return apks.get(pkg.name) ?? { licences: [] };
    }
    if (pkg.type === 'alpm') return { licences: pacmanLicences(files, pkg) };
    if (pkg.type === 'ebuild') return { licences: portageLicences(files, pkg) };
    if (pkg.type !== 'deb') return { licences: [] };
    const { name } = pkg;
    if (!copyrights.has(name)) copyrights.set(name, readCopyright(files, name));
    const licences = copyrights.get(name);
    return licences ? { licences, licenceFile: copyrightPath(name) } : { licences: [] };
  };
}

function readRpms(files: FileView): Map<string, PackageDescription> {
  const known = new Map<string, PackageDescription>();
  for (const { item, licence, sha256 } of rpmDescriptions(files)) {
    known.set(keyOf(item), {
      licences: licence === undefined ? [] : [licence],
      ...(sha256 === undefined ? {} : { sha256 }),
    });
  }
  return known;
}

function keyOf({ name, version, arch, database }: InstalledPackage): string {
  return JSON.stringify([name, version, arch, database]);
}

const shells = ['/bin/sh', '/bin/bash', '/bin/busybox', '/usr/bin/sh', '/usr/bin/bash', '/usr/bin/busybox'];
const libraries = ['/lib', '/lib64', '/usr/lib', '/usr/lib64'];
const ofLibraryC = /^(?:ld-(?:linux|musl)|libc\.(?:so|musl)|[a-z\d_]+-linux-gnu)/;

/**
 * The note about an image that has a shell or a C library, or had a package database or release file in a lower layer: its
 * distribution is unknown, and it is no image of programs alone.
 */
export function lostDistributionNote(files: FileView): InventoryNote[] {
  const where = removed(files) ?? standing(files);
  const detail = 'of a distribution whose release file and package database are not there';
  return where === undefined ? [] : [{ code: lostDistribution, where, detail }];
}

function removed(files: FileView): string | undefined {
  return [
    ...osReleasePaths,
    dpkgStatus,
    chiselManifest,
    ...apkDatabases,
    pacmanLocal,
    portageDatabase,
    ...rpmDatabasePaths,
  ].find((path) => files.removedBy?.(path) !== undefined);
}

function standing(files: FileView): string | undefined {
  const shell = shells.find((path) => files.stat(path, false) !== undefined);
  if (shell !== undefined) return shell;
  for (const folder of libraries) {
    const name = files.list(folder).find((each) => ofLibraryC.test(each));
    if (name !== undefined) return `${folder}/${name}`;
  }
  return undefined;
}

export { readLanguages } from './languages.ts';
export { inventoryPackageFile, ownerListWanted, packageFilePaths } from './package-files.ts';
export { inventoryCompanions, inventoryPlaces, inventoryWanted } from './wanted.ts';

/**
 * Reads release, packages and context of an image. Without a package database `databases` is empty; a damaged one is an
 * error (PACKAGE_DATABASE_UNREADABLE), so that neither looks like an image without packages.
 * `labels`: of the image's configuration.
 */
export function readInventory(files: FileView, labels: ImageFacts['labels'] = {}): Inventory {
  const readings = readDatabases(files);
  const {
    packages,
    notes: packageNotes,
    twice,
  } = distinctPackages(readings.flatMap((reading) => reading.packages));
  const halfInstalled = readings.flatMap((reading) => reading.halfInstalled ?? []).sort(byNameArchVersion);
  const apt = readAptSources(files);
  const os = detectOs(files);
  const stated = imageReaders.flatMap((reader) =>
    contextBy(reader, files, os, {
      ...(os && { osId: os.id }),
      ...{ labels, aptSources: apt.sources, layersOf: (chainId) => layersOf(chainId, files.layers) },
    }),
  );
  const products = stated.flatMap((image) => image.products ?? []);
  const enabledModules = readEnabledModules(files);
  const databases = readings.map(({ database }) => {
    const again = twice.filter((path) => path === database.path).length;
    return again === 0 ? database : { ...database, packages: database.packages - again };
  });
  return {
    os,
    databases,
    packages: files.layers.length === 0 ? packages.map(withoutLayer) : packages,
    notes: [
      ...readings.flatMap((reading) => reading.notes),
      ...readings
        .filter(({ database }) => database.packages === 0)
        .map(({ database }) => emptyNote(database)),
      ...packageNotes,
      ...apt.notes,
      ...stated.flatMap(({ notes }) => notes),
    ],
    ...(halfInstalled.length > 0 ? { halfInstalled } : {}),
    ...(apt.sources.length > 0 ? { aptSuites: unique(apt.sources.map(({ suite }) => suite)) } : {}),
    ...(products.length > 0 ? { products } : {}),
    ...(enabledModules.length > 0 ? { enabledModules } : {}),
    ...contextsOf(stated),
  };
}

/**
 * Runs each distribution's reader on an image. Files that this user may not read are notes, except for those of other
 * distributions than the image's own.
 */
function contextBy(
  { id, read }: ImageReader,
  files: FileView,
  os: OsRelease | null,
  known: ImageFacts,
): (ImageContext & { id: string })[] {
  if (!read) return [];
  const notes: InventoryNote[] = [];
  const found = ifReadable(() => read(files, known), { notes: [] }, notes);
  const ofAnother = id !== os?.id && imageReaders.some((reader) => reader.id === os?.id);
  const own = notes.map((note) => ({ ...note, code: unreadContext }));
  return [{ ...found, id, notes: ofAnother ? found.notes : [...found.notes, ...own] }];
}

/** The facts of each distribution's reader, by its id. */
function contextsOf(stated: readonly (ImageContext & { id: string })[]): Pick<Inventory, 'context'> {
  const known = stated.flatMap(({ id, context }) => (context ? [[id, context] as const] : []));
  return known.length > 0 ? { context: Object.fromEntries(known) } : {};
}

function readDatabases(files: FileView): DatabaseReading[] {
  const dpkg = [readDpkgStatus(files) ?? [], readDpkgStatusFolder(files) ?? []].flat();
  const single = [
    readApkDatabase(files),
    ...dpkg,
    // After dpkg's, which name the sources of the same packages.
    readChiselManifest(files, dpkg),
    readPacmanDatabase(files),
    readPortageDatabase(files),
  ];
  return [...single.flatMap((reading) => reading ?? []), ...readRpmDatabases(files)];
}

/**
 * Sorts packages by name, architecture and version. The same version listed twice (status and status.d, a moved rpm
 * database) is one package. Two versions of one name and architecture are both kept: rpm installs several kernels side by
 * side, portage one version in each slot. apk, dpkg and pacman cannot do that, so there it is also noted.
 */
function distinctPackages(all: readonly InstalledPackage[]): {
  packages: InstalledPackage[];
  notes: InventoryNote[];
  /** The databases that list a package twice themselves, once for each. */
  twice: string[];
} {
  const packages: InstalledPackage[] = [];
  const notes: InventoryNote[] = [];
  const twice: string[] = [];
  for (const item of [...all].sort(byNameArchVersion)) {
    const last = packages.at(-1);
    const twin = last !== undefined && last.name === item.name && last.arch === item.arch;
    if (twin && last.type === item.type && last.version === item.version) {
      if (last.database === item.database) twice.push(item.database);
      continue;
    }
    const isBeside = item.type === 'rpm' || (item.type === 'ebuild' && item.slot !== last?.slot);
    if (twin && !isBeside) {
      const detail = `${item.name} ${item.arch} is listed as ${last.version} and ${item.version}`;
      notes.push({ code: 'duplicate_package', where: item.database, detail });
    }
    packages.push(item);
  }
  return { packages, notes, twice };
}

/** The note for an empty database: a tool that opened a missing one (as oscap does) left it, or the packages were lost. */
function emptyNote({ path }: PackageDatabase): InventoryNote {
  return { code: 'empty_package_database', where: path };
}

function byNameArchVersion(a: InstalledPackage, b: InstalledPackage): number {
  return (
    compareCodeUnits(a.name, b.name) ||
    compareCodeUnits(a.arch, b.arch) ||
    compareCodeUnits(a.version, b.version)
  );
}

function withoutLayer(item: InstalledPackage): InstalledPackage {
  if (item.layer === undefined) return item;
  const { layer: _, ...others } = item;
  return others;
}

/** Returns the number of lowest layers with this ChainID (OCI image specification, "Layer ChainID"). Undefined: no number of them has it. */
export function layersOf(chainId: string, layers: readonly Layer[]): number | undefined {
  let chain: string | undefined;
  for (const [at, { diffId }] of layers.entries()) {
    if (diffId === undefined) return undefined;
    chain =
      chain === undefined
        ? diffId
        : `sha256:${createHash('sha256').update(`${chain} ${diffId}`).digest('hex')}`;
    if (chain === chainId) return at + 1;
  }
  return undefined;
}
