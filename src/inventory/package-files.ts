import { readNamedFile, readPackageFile } from '../ecosystems/installed/forms.ts';
import { isOfProgram } from '../ecosystems/installed/program.ts';
import { isOfDistribution } from '../ecosystems/places.ts';
import {
  type FileStat,
  type FileView,
  type InventoryNote,
  type PackageFile,
  type ReadPackageFile,
  searchCut,
  searchIncomplete,
  type Wanted,
} from '../model/inventory/index.ts';
import { isPacmanFile } from '../packaging/alpm/database.ts';
import { dpkgInfo, dpkgStatusFolder } from '../packaging/deb/database.ts';
import { isPortageFile } from '../packaging/ebuild/database.ts';

/** Limits on the search of a file system at rest; this machine's own may have millions of files. */
const searchLimits = { names: 1_000_000, depth: 100 };
const maxReadBytes = 4 * 2 ** 30;

/**
 * Folders without installed packages: those of a running kernel, kernels, headers, documentation, databases, and what ostree keeps
 * of this and other systems.
 */
const skipped: ReadonlySet<string> = new Set([
  ...['/ostree', '/sysroot/composefs', '/sysroot/ostree', '/sysroot/state'],
  ...['/boot', '/dev', '/etc', '/proc', '/run', '/sys', '/usr/include', '/usr/lib/firmware'],
  ...['/lib/firmware', '/lib/modules', '/usr/lib/modules', '/usr/share/doc', '/usr/share/i18n'],
  ...['/usr/share/info', '/usr/share/locale', '/usr/share/man', '/usr/share/zoneinfo', '/var/cache'],
  ...['/var/lib/apt', '/var/lib/dpkg', '/var/lib/pacman', '/var/lib/rpm', '/var/log'],
  '/var/db/pkg',
]);
const inSkipped = new RegExp(`^(?:${[...skipped].join('|')})/`);

/** The package files of an inventory, in layers and in directories. */
export const inventoryPackageFile: ReadPackageFile = (path, size) => {
  if (inSkipped.test(path)) return undefined;
  return mayBeProgram(path, size) ? readPackageFile(path, size) : readNamedFile(path, size);
};

/** A hello of Go has 1.2 MB, a stripped one of Rust 300 kB. */
const leastProgramBytes = 128 << 10;
/** In folders with hundreds of programs of packages only large ones are read: a scan is to stay as fast. */
const leastPackagedBytes = 1 << 20;

/** `.py`, `.so.1`: names of programs have none, or a version: `etcd-3.5`. */
const hasExtension = /\.[a-z][a-z\d]{0,9}(?:\.\d+)*$/i;

function mayBeProgram(path: string, size: number): boolean {
  if (isOfDistribution(path))
    return size >= leastPackagedBytes && !hasExtension.test(path.slice(path.lastIndexOf('/') + 1));
  return size >= leastProgramBytes && !/\.so(?:\.\d+)*$/.test(path);
}

/** The lists of files of dpkg, pacman and portage, which name the owners of package files; apk and rpm have them in their databases. */
export const ownerListWanted: Wanted = (path) => {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return (
    (folder === dpkgInfo && path.endsWith('.list')) ||
    (folder === dpkgStatusFolder && path.endsWith('.md5sums')) ||
    isPacmanFile(path, 'files') ||
    isPortageFile(path, 'files')
  );
};

/** A package file of an image. */
export interface PlacedPackageFile {
  path: string;
  found: PackageFile;
  /** Of an image with layers: the one that has the file. */
  layer?: number | undefined;
}

/** The package files of a view: as they were read with the layers, or read now. */
export function packageFiles(files: FileView, notes: InventoryNote[]): Iterable<PlacedPackageFile> {
  return files.packageFiles && files.packageFile
    ? ofLayers(files)
    : new PackageFileSearch(files, notes).read();
}

/** Paths that may be package files of layers with contents still to be fetched. The layers have limits of their own. */
export function packageFilePaths(files: FileView): string[] {
  return [...new PackageFileSearch(files, [], { names: Infinity, depth: Infinity }).paths()];
}

function* ofLayers(files: FileView): Generator<PlacedPackageFile> {
  for (const path of files.packageFiles?.() ?? []) {
    // A tar of a disk has those of deployments too, which may be the root, and are not if it has one of its own.
    if (inSkipped.test(path)) continue;
    const found = files.packageFile?.(path);
    if (!found) continue;
    const stat = files.stat(path);
    if (!isOfProgram(found) || isExecutable(stat)) yield { path, found, layer: stat?.layer };
  }
}

/** A program that nobody can run is data. */
function isRun(files: FileView, path: string): boolean {
  const stat = files.stat(path, false);
  return isExecutable(stat) || readNamedFile(path, stat?.size ?? 0) !== undefined;
}

function isExecutable(stat: FileStat | undefined): boolean {
  return stat !== undefined && (stat.mode & 0o111) !== 0;
}

/** Walks a file system. Files that this user may not read are noted: no other package depends on them. */
class PackageFileSearch {
  readonly #files: FileView;
  readonly #notes: InventoryNote[];
  readonly #unread: string[] = [];
  readonly #limits: typeof searchLimits;
  #bytes = 0;

  constructor(files: FileView, notes: InventoryNote[], limits = searchLimits) {
    this.#limits = limits;
    this.#files = files;
    this.#notes = notes;
  }

  *read(): Generator<PlacedPackageFile> {
    for (const path of this.paths()) {
      const found = this.#readable(path, () => this.#readFile(path));
      if (found) yield { path, found };
      if (this.#bytes > maxReadBytes) {
        this.#cut(path, `in the first ${maxReadBytes / 2 ** 20} MB of files`);
        break;
      }
    }
    const [first] = this.#unread;
    if (first === undefined) return;
    const detail = `places that this user may not read, where packages of languages were not looked for: ${this.#unread.length}`;
    this.#notes.push({ code: searchIncomplete, where: first, detail });
  }

  *paths(): Generator<string> {
    const pending: { folder: string; depth: number }[] = [{ folder: '', depth: 0 }];
    let names = 0;
    let isCut = false;
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { folder, depth } = next;
      const below: string[] = [];
      for (const { name, type } of this.#entries(folder === '' ? '/' : folder)) {
        names += 1;
        const path = `${folder}/${name}`;
        if (type === 'directory' && !skipped.has(path)) below.push(path);
        if (type === 'file' && inventoryPackageFile(path, Number.POSITIVE_INFINITY) && this.#isRun(path))
          yield path;
      }
      if (names > this.#limits.names) {
        this.#cut(folder, `among the first ${this.#limits.names} names`);
        return;
      }
      if (depth === this.#limits.depth && below.length > 0) {
        if (!isCut) this.#cut(folder, `in at most ${this.#limits.depth} folders below each other`);
        isCut = true;
      } else for (const path of below.reverse()) pending.push({ folder: path, depth: depth + 1 });
    }
  }

  #isRun(path: string): boolean {
    return this.#readable(path, () => isRun(this.#files, path)) ?? false;
  }

  #entries(folder: string): ReturnType<NonNullable<FileView['entries']>> {
    const { entries } = this.#files;
    if (entries) return this.#readable(folder, () => this.#files.entries!(folder)) ?? [];
    return (this.#readable(folder, () => this.#files.list(folder)) ?? []).flatMap((name) => {
      const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
      const stat = this.#readable(path, () => this.#files.stat(path, false));
      return stat ? [{ name, type: stat.type }] : [];
    });
  }

  #readFile(path: string): PackageFile | undefined {
    const size = this.#files.stat(path, false)?.size;
    const reader = size === undefined ? undefined : inventoryPackageFile(path, size);
    if (!reader) return undefined;
    for (const piece of this.#files.pieces?.(path) ?? [this.#files.read(path) ?? Buffer.alloc(0)]) {
      reader.push(piece);
      this.#bytes += piece.length;
      if (reader.isOver) break;
    }
    return reader.end();
  }

  #readable<T>(path: string, read: () => T): T | undefined {
    try {
      return read();
    } catch {
      this.#unread.push(path);
      return undefined;
    }
  }

  #cut(where: string, limits: string): void {
    const detail = `packages of languages were looked for ${limits} only`;
    this.#notes.push({ code: searchCut, where: where === '' ? '/' : where, detail });
  }
}
