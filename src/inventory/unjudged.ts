import { foldersOfDistributions, isOfDistribution } from '../ecosystems/places.ts';
import {
  compareCodeUnits,
  type FileStat,
  type FileView,
  type Inventory,
  type InventoryNote,
  type ProgramBuilder,
  type UnjudgedPackages,
} from '../model/index.ts';

/** Names that are looked at in one image; a machine's own root can have millions. */
const maxNames = 50_000;
/** Bytes of programs that are read of a file system at rest. */
const mostProgramBytes = 1 << 30;
/** Folders below each other. */
const maxDepth = 40;
/** Places that an ecosystem names. */
const maxPlaces = 3;

/** Folders of programs that belong to packages, or to none if a layer brought them without a package. */
const systemPrograms = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/libexec'] as const;

const ecosystems: Readonly<Record<ProgramBuilder, string>> = { go: 'golang', cargo: 'cargo' };

const inSystemPrograms = new RegExp(`^(?:${systemPrograms.join('|')})/[^/]+$`);

/** A hello of Go has 1.2 MB, a stripped one of Rust 300 kB. */
const leastProgramBytes = 128 << 10;
/** In folders with hundreds of programs of packages only large ones are looked at: a scan is to stay as fast. */
const leastSystemBytes = 1 << 20;

/** Programs of which it is asked what built them. */
export function programWanted(path: string, size: number): boolean {
  if (size < leastProgramBytes) return false;
  return isOfDistribution(path) ? size >= leastSystemBytes && inSystemPrograms.test(path) : true;
}

/**
 * Counts the packages of languages that an image has besides those of its distribution, by their names and places alone:
 * modules of npm, distributions of Python, gems, Java archives; and programs that say of themselves that Go or `cargo
 * auditable` built them. No feed has statements about them. `installed`: layers that installed the distribution's packages.
 */
export function countUnjudged(
  files: FileView,
  installed: ReadonlySet<number>,
): Pick<Inventory, 'unjudged'> & { notes: InventoryNote[] } {
  const search = new Search(files, installed);
  search.run();
  const unjudged = search.found();
  return { ...(unjudged.length > 0 ? { unjudged } : {}), notes: search.notes };
}

/** The programs of a view whose builders are asked for when packages of languages are counted. */
export function programsAsked(files: FileView, installed: ReadonlySet<number>): string[] {
  const asked: string[] = [];
  const asking: SearchedFiles = {
    layers: files.layers,
    list: (path) => files.list(path),
    stat: (path, follow) => files.stat(path, follow),
    builder(path) {
      asked.push(path);
      return undefined;
    },
  };
  new Search(asking, installed).run();
  return asked;
}

type SearchedFiles = Pick<FileView, 'layers' | 'onRequest' | 'list' | 'stat' | 'builder'>;

interface Found {
  packages: number;
  layers: Set<number>;
  places: string[];
}

class Search {
  readonly notes: InventoryNote[] = [];
  readonly #files: SearchedFiles;
  readonly #found = new Map<string, Found>();
  readonly #unread: string[] = [];
  readonly #installed: ReadonlySet<number>;
  #names = 0;
  /** Programs whose bytes may still be read, of a file system at rest. */
  #programBytes = mostProgramBytes;

  constructor(files: SearchedFiles, installed: ReadonlySet<number>) {
    this.#files = files;
    this.#installed = installed;
  }

  run(): void {
    this.#search();
    this.#searchSystemFolders();
    this.#noteUnread();
  }

  #search(): void {
    const pending: { folder: string; depth: number }[] = [{ folder: '', depth: 0 }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { folder, depth } = next;
      const names = this.#list(folder === '' ? '/' : folder);
      this.#names += names.length;
      if (this.#names > maxNames || depth > maxDepth) {
        this.notes.push({
          code: 'unjudged_search_cut',
          where: folder === '' ? '/' : folder,
          detail: `packages of languages were looked for among the first ${maxNames} names only`,
        });
        return;
      }
      const folders: string[] = [];
      for (const name of names) {
        const path = `${folder}/${name}`;
        if (foldersOfDistributions.has(path)) continue;
        const stat = this.#stat(path);
        if (!stat) continue;
        const ecosystem = this.#ecosystemOf(folder, name, path, stat.type) ?? this.#programOf(path, stat);
        if (ecosystem !== undefined) this.#count(ecosystem, path, stat.layer);
        if (stat.type === 'directory') folders.push(path);
      }
      for (const below of folders.reverse()) pending.push({ folder: below, depth: depth + 1 });
    }
  }

  /**
   * Programs in folders of the system: those of a layer that installed no package belong to none. In an image of one layer this
   * cannot be decided.
   */
  #searchSystemFolders(): void {
    const { layers } = this.#files;
    if (layers.length < 2 || layers.every((_, layer) => this.#installed.has(layer))) return;
    for (const folder of systemPrograms) {
      // A link leads to another of these folders.
      if (this.#stat(folder)?.type !== 'directory') continue;
      const names = this.#list(folder);
      this.#names += names.length;
      if (this.#names > maxNames) return;
      for (const name of names) {
        const path = `${folder}/${name}`;
        const stat = this.#stat(path);
        if (!stat || this.#installed.has(stat.layer)) continue;
        const ecosystem = this.#programOf(path, stat);
        if (ecosystem !== undefined) this.#count(ecosystem, path, stat.layer);
      }
    }
  }

  #programOf(path: string, { type, size, mode }: FileStat): string | undefined {
    if (type !== 'file' || (mode & 0o111) === 0 || !programWanted(path, size)) return undefined;
    if (this.#files.builder === undefined || this.#programBytes < 0) return undefined;
    const builder = this.#ifReadable(path, () => this.#files.builder?.(path));
    // Layers were searched while they were read.
    if (this.#files.onRequest) this.#spend(size, path);
    return builder && ecosystems[builder];
  }

  #spend(size: number, where: string): void {
    this.#programBytes -= size;
    if (this.#programBytes >= 0) return;
    const detail = `programs of Go and Rust were looked for in the first ${mostProgramBytes >> 20} MB of programs only`;
    this.notes.push({ code: 'unjudged_search_cut', where, detail });
  }

  found(): UnjudgedPackages[] {
    const numbered = this.#files.layers.length > 1;
    return [...this.#found]
      .sort(([a], [b]) => compareCodeUnits(a, b))
      .map(([ecosystem, { packages, layers, places }]) => ({
        ecosystem,
        packages,
        ...(numbered ? { layers: [...layers].sort((a, b) => a - b) } : {}),
        places,
      }));
  }

  #ecosystemOf(folder: string, name: string, path: string, type: string): string | undefined {
    if (/\.(?:dist-info|egg-info)$/.test(name)) return 'pypi';
    if (type === 'directory') return isModuleFolder(folder) && this.#isModule(name, path) ? 'npm' : undefined;
    if (name.endsWith('.gemspec') && folder.endsWith('/specifications')) return 'gem';
    return /\.(?:jar|war|ear)$/.test(name) ? 'maven' : undefined;
  }

  /** A scope is a folder of modules, and `.bin` holds links. */
  #isModule(name: string, path: string): boolean {
    return !name.startsWith('@') && !name.startsWith('.') && this.#stat(`${path}/package.json`) !== undefined;
  }

  #count(ecosystem: string, path: string, layer: number): void {
    const found = this.#found.get(ecosystem) ?? { packages: 0, layers: new Set(), places: [] };
    if (found.packages === 0) this.#found.set(ecosystem, found);
    found.packages += 1;
    found.layers.add(layer);
    if (found.places.length < maxPlaces) found.places.push(path);
  }

  #list(folder: string): string[] {
    return this.#ifReadable(folder, () => this.#files.list(folder)) ?? [];
  }

  #stat(path: string): ReturnType<FileView['stat']> {
    return this.#ifReadable(path, () => this.#files.stat(path, false));
  }

  /** Files that this user may not read are skipped and counted: no verdict depends on them. */
  #ifReadable<T>(path: string, read: () => T): T | undefined {
    try {
      return read();
    } catch {
      this.#unread.push(path);
      return undefined;
    }
  }

  #noteUnread(): void {
    const [first] = this.#unread;
    if (first === undefined) return;
    const detail = `places that this user may not read, where packages of languages were not looked for: ${this.#unread.length}`;
    this.notes.push({ code: 'unjudged_search_incomplete', where: first, detail });
  }
}

function isModuleFolder(folder: string): boolean {
  return folder.endsWith('/node_modules') || /\/node_modules\/@[^/]+$/.test(folder);
}
