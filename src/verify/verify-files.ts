import type {
  FileFormat,
  FileStat,
  FileView,
  InstalledPackage,
  Inventory,
  InventoryNote,
} from '../model/inventory/index.ts';
import { compareCodeUnits } from '../model/order.ts';
import { type Steps, whole } from '../model/progress.ts';
import {
  type AcceptedDeviation,
  type Deviation,
  type DeviationKind,
  deviationKinds,
  type ExecutableKind,
  type Ignored,
  type PrivilegedFile,
  type UnverifiedReason,
  type Verification,
} from '../model/verdict/index.ts';
import { dpkgInfo } from '../packaging/deb/database.ts';
import { readApkFiles } from './apk-files.ts';
import { readDpkgFiles } from './dpkg-files.ts';
import { notedPlaces } from './limits.ts';
import { type ImageFacts, Owners, type PackagedFile, readAccounts } from './owners.ts';
import { portageKey, readPortageFiles } from './portage-files.ts';
import { isAccountedFor, readStatOverrides, rightsOf } from './rights.ts';
import { octal, readRpmFiles } from './rpm-files.ts';

/** Folders that the kernel of a running system fills; in a directory of this machine they are not part of an image. */
const kernelFolders: ReadonlySet<string> = new Set(['/proc', '/sys', '/dev']);

/** ostree's store of this and other systems: the files of this one are there again, under their digests. */
const storeOfOstree = '/sysroot/ostree';

/** Yields every entry of an image except its root, without following links, in code-unit order within a directory. */
function* walk(
  files: FileView,
  { live, notes }: { live: boolean; notes: InventoryNote[] },
): Generator<{ path: string; stat: FileStat }> {
  const open = ['/'];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    const below: string[] = [];
    for (const name of files.list(directory)) {
      const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
      const stat = files.stat(path, false);
      // A name that is not valid in the file system's encoding cannot be opened.
      if (!stat) notes.push({ code: 'unreadable_name', where: path });
      else {
        yield { path, stat };
        if (stat.type !== 'directory' || (live && kernelFolders.has(path))) continue;
        if (path === storeOfOstree)
          notes.push({ code: 'not_walked', where: path, detail: 'the store of ostree' });
        else below.push(path);
      }
    }
    open.push(...below.reverse());
  }
}

/** Limit on the packages that are named for each reason. */
const namedPackages = 5;

const reasons: readonly UnverifiedReason[] = ['no_digest', 'left_out_by_packager', 'not_hashed'];

/** Counts owned files whose content could not be compared, by reason and package. */
class UnverifiedCounts {
  #counts = new Map<UnverifiedReason, Map<string, number>>();

  add(reason: UnverifiedReason, packageName: string): void {
    const packages = this.#counts.get(reason) ?? new Map<string, number>();
    packages.set(packageName, (packages.get(packageName) ?? 0) + 1);
    this.#counts.set(reason, packages);
  }

  /** Packages with most files first. */
  result(): Verification['unverified'] {
    return reasons.flatMap((reason) => {
      const packages = this.#counts.get(reason);
      if (!packages) return [];
      const ranked = [...packages].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
      return {
        reason,
        files: ranked.reduce((sum, [, count]) => sum + count, 0),
        packages: ranked.slice(0, namedPackages).map(([name]) => name),
      };
    });
  }
}

const libraryName = /\.so(?:\.|$)/;
const moduleName = /\.ko$/;
const anyExecute = 0o111;

/**
 * Recognises files that the system can run or load, by their first bytes. An ELF program needs no execute bit (the loader can
 * start it), a script does. Libraries with an interpreter (libc) and programs without one (statically linked) are distinguished
 * by name and mode.
 */
function executableKind(
  path: string,
  { mode }: FileStat,
  format: FileFormat | undefined,
): ExecutableKind | undefined {
  const executes = (mode & anyExecute) !== 0;
  switch (format) {
    case 'elf-executable':
      return libraryName.test(path) ? 'library' : 'program';
    case 'elf-shared':
      return executes && !libraryName.test(path) ? 'program' : 'library';
    case 'elf-object':
      return moduleName.test(path) ? 'kernel module' : undefined;
    case 'script':
      return executes ? 'script' : undefined;
    default:
      return undefined;
  }
}

export interface VerifyInput {
  files: FileView;
  /** The inventory of the same files. */
  inventory: Inventory;
  /** True for a directory of this machine: it has no layers, and /proc, /sys and /dev are skipped. */
  live: boolean;
}

export interface VerifyOptions {
  /** True for paths whose deviations are only counted. */
  allowed(path: string): boolean;
  /** Why the policy accepts deviations of a path; undefined: it does not. */
  accepted?(path: string): Ignored | undefined;
}

export type VerifyResult = Pick<
  Verification,
  'deviations' | 'allowed' | 'accepted' | 'privileged' | 'counts' | 'unverified' | 'uncovered'
> & { notes: InventoryNote[] };

/**
 * Compares every file of an image with its package databases: finds executables that no package owns, files that differ
 * from their package, and permissions that nothing allows. @throws PACKAGE_DATABASE_UNREADABLE
 */
export function verifyFiles(input: VerifyInput, options: VerifyOptions): VerifyResult {
  return whole(verifyFilesInSteps(input, options));
}

/** The same with a pause before each file. */
export function* verifyFilesInSteps(input: VerifyInput, options: VerifyOptions): Steps<VerifyResult> {
  return yield* new Verifier(input, options).run();
}

class Verifier {
  #input: VerifyInput;
  #options: VerifyOptions;
  #owners: Owners;
  #facts: ImageFacts;
  #overrides: ReadonlyMap<string, number>;
  /** Path prefixes of the maintainer scripts that dpkg keeps. */
  #scripts = new Set<string>();
  #deviations: Deviation[] = [];
  #allowed = new Map<DeviationKind, number>();
  #accepted: AcceptedDeviation[] = [];
  #privileged: PrivilegedFile[] = [];
  #notes: InventoryNote[] = [];
  #unverified = new UnverifiedCounts();
  #counts = {
    files: 0,
    owned: 0,
    compared: 0,
    absent: { documentation: 0, config: 0, optional: 0, undescribed: 0 },
  };

  constructor(input: VerifyInput, options: VerifyOptions) {
    this.#input = input;
    this.#options = options;
    this.#owners = new Owners(input.files);
    this.#facts = { files: input.files, accounts: readAccounts(input.files) };
    this.#overrides = readStatOverrides(input.files);
  }

  *run(): Steps<VerifyResult> {
    const { files, live, inventory } = this.#input;
    const add = (file: PackagedFile) => this.#owners.add(file);
    const dpkg = readDpkgFiles(files, add);
    const portage = readPortageFiles(files, add);
    const listing = new Set([...readApkFiles(files, add), ...readRpmFiles(files, add)]);
    for (const lists of dpkg.lists) this.#scripts.add(lists);
    this.#notes.push(...dpkg.notes, ...portage.notes);
    for (const { path, stat } of walk(files, { live, notes: this.#notes })) {
      yield;
      this.#entry(path, stat);
    }
    this.#missing();
    const unlisted = new Set(dpkg.unlisted);
    return {
      deviations: this.#deviations.sort(byKindAndPath),
      allowed: Object.fromEntries(
        deviationKinds.flatMap((kind) => (this.#allowed.has(kind) ? [[kind, this.#allowed.get(kind)!]] : [])),
      ),
      ...(this.#accepted.length > 0 ? { accepted: this.#accepted.sort(byKindAndPath) } : {}),
      privileged: this.#privileged,
      counts: this.#counts,
      unverified: this.#unverified.result(),
      // One package may own no file; if none in a database of apk or rpm owns one, the file lists were removed from it.
      uncovered: inventory.packages.filter((item) => {
        if (item.type === 'deb') return unlisted.has(unlistedKey(item));
        if (item.type === 'ebuild') return portage.unlisted.has(portageKey(item));
        return !listing.has(item.database);
      }),
      notes: boundedNotes(this.#notes),
    };
  }

  #entry(path: string, stat: FileStat): void {
    const owned = this.#owners.of(path);
    const owners = owned?.owners ?? [];
    if (owned) owned.found = true;
    if (stat.type === 'file') this.#file(path, stat, owners);
    for (const rights of rightsOf(path, stat, { owners, overrides: this.#overrides })) {
      this.#rights(rights, stat);
    }
    if (owners.length > 0) this.#compare(path, stat, owners);
  }

  #file(path: string, stat: FileStat, owners: readonly PackagedFile[]): void {
    this.#counts.files += 1;
    if (owners.length > 0 || this.#isMaintainerScript(path)) {
      this.#counts.owned += 1;
      return;
    }
    const executable = executableKind(path, stat, this.#input.files.format(path));
    if (executable === undefined) this.#noteUnknown(path);
    else this.#deviate('unowned', path, stat, { detail: executable, executable, ...this.#digest(path) });
  }

  /** Notes a file in a layer whose first bytes are not known: it may be an executable. */
  #noteUnknown(path: string): void {
    if (this.#input.live || this.#input.files.digest(path, 'sha256') !== undefined) return;
    const detail = 'no package owns it, and its bytes are not known: it may be executable';
    this.#notes.push({ code: 'not_inspected', where: path, detail });
  }

  /** True for scripts that dpkg keeps to run when a package is installed or removed. */
  #isMaintainerScript(path: string): boolean {
    return path.startsWith(`${dpkgInfo}/`) && this.#scripts.has(path.slice(0, path.lastIndexOf('.')));
  }

  #rights(rights: PrivilegedFile, stat: FileStat): void {
    if (isAccountedFor(rights)) {
      this.#privileged.push({ ...rights, ...this.#layer(stat) });
      return;
    }
    const { kind, path, packages, mode, origin, capabilities } = rights;
    this.#deviate(kind, path, stat, { packages, detail: capabilities ?? `mode ${mode}`, origin });
  }

  #compare(path: string, stat: FileStat, owners: readonly PackagedFile[]): void {
    const content = new Set<string>();
    const attributes = new Set<string>();
    const differing = new Set<string>();
    let isConfig = false;
    let compared = false;
    for (const owner of owners) {
      const found = owner.compare(stat, this.#facts);
      compared ||= found.compared;
      if (found.unverified !== undefined) this.#unverified.add(found.unverified, owner.package);
      if (found.content.length + found.attributes.length > 0) differing.add(owner.package);
      for (const words of found.content) content.add(words);
      for (const words of found.attributes) attributes.add(words);
      isConfig ||= found.content.length > 0 && owner.class === 'config';
    }
    if (compared) this.#counts.compared += 1;
    const packages = [...differing];
    if (content.size > 0) {
      const kind = isConfig ? 'config' : 'changed';
      this.#deviate(kind, path, stat, { packages, detail: [...content].join(', '), ...this.#digest(path) });
    }
    if (attributes.size > 0) {
      this.#deviate('attributes', path, stat, { packages, detail: [...attributes].join(', ') });
    }
  }

  /** Reports packaged files that are not there. */
  #missing(): void {
    const { absent } = this.#counts;
    for (const { path, owners, found } of this.#owners.all()) {
      // The root is not walked.
      if (found || path === '/') continue;
      const needed = owners.filter(({ optional }) => !optional);
      if (needed.length === 0) absent.optional += 1;
      else if (needed.every((owner) => owner.class === 'documentation')) absent.documentation += 1;
      else if (needed.some((owner) => owner.class === 'config')) absent.config += 1;
      else if (needed.every(({ undescribed }) => undescribed)) absent.undescribed += 1;
      else {
        const packages = [...new Set(needed.map((owner) => owner.package))];
        const layer = this.#input.files.removedBy?.(path);
        const detail = layer === undefined ? 'nothing stands there' : 'taken away';
        this.#add({ kind: 'missing', path, packages, detail, ...(layer === undefined ? {} : { layer }) });
      }
    }
  }

  #deviate(
    kind: DeviationKind,
    path: string,
    stat: FileStat,
    more: Omit<Deviation, 'kind' | 'path' | 'packages'> & { packages?: readonly string[] },
  ): void {
    this.#add({ packages: [], kind, path, mode: octal(stat.mode), ...more, ...this.#layer(stat) });
  }

  #add(deviation: Deviation): void {
    const { kind, path } = deviation;
    const ignored = this.#options.accepted?.(path);
    if (ignored) this.#accepted.push({ ...deviation, ignored });
    if (ignored || this.#options.allowed(path)) this.#allowed.set(kind, (this.#allowed.get(kind) ?? 0) + 1);
    else this.#deviations.push(deviation);
  }

  #layer({ layer }: FileStat): { layer?: number } {
    return this.#input.live ? {} : { layer };
  }

  #digest(path: string): { sha256?: string } {
    const sha256 = this.#input.files.digest(path, 'sha256');
    return sha256 === undefined ? {} : { sha256 };
  }
}

/** The first places of each code, and how many more there are. */
function boundedNotes(notes: readonly InventoryNote[]): InventoryNote[] {
  const counts = new Map<string, number>();
  const shown = notes.filter(({ code }) => {
    counts.set(code, (counts.get(code) ?? 0) + 1);
    return counts.get(code)! <= notedPlaces;
  });
  const rest = [...counts].flatMap(([code, count]) =>
    count > notedPlaces
      ? [{ code, where: `${count - notedPlaces} more places`, detail: `${count} in all` }]
      : [],
  );
  return [...shown, ...rest];
}

function unlistedKey({ name, arch }: InstalledPackage): string {
  return `${name}:${arch}`;
}

function byKindAndPath(a: Deviation, b: Deviation): number {
  const kinds = deviationKinds.indexOf(a.kind) - deviationKinds.indexOf(b.kind);
  return kinds || compareCodeUnits(a.path, b.path);
}
