import { componentList, componentsFolder, isOfComponent } from '../ecosystems/installed/bitnami.ts';
import { ifReadable } from '../files/unreadable.ts';
import {
  type FileView,
  type InstalledPackage,
  type Inventory,
  type InventoryNote,
  isOfComponents,
  type LanguagePackage,
  type NamelessPackage,
  type PackageFile,
  type PackageOwner,
  unreadFile,
} from '../model/inventory/index.ts';
import { compareCodeUnits } from '../model/order.ts';
import { UnjudgedCount } from '../model/verdict/index.ts';
import { packagedPaths } from '../packaging/owned-paths.ts';
import { type PlacedPackageFile, packageFiles } from './package-files.ts';

/** Notes about packages that could not be read. */
const maxReasons = 20;
const unreadComponent = 'component_unread';

/**
 * Reads packages of languages from their installed files. `unjudged` counts those without an owner, named or not. `packages`: those of the
 * distribution, which may own the files.
 * @throws PACKAGE_DATABASE_UNREADABLE
 */
export function readLanguages(
  files: FileView,
  packages: readonly InstalledPackage[],
): Pick<Inventory, 'languages' | 'unjudged'> & { notes: InventoryNote[] } {
  const notes: InventoryNote[] = [];
  const found = withoutListed(withoutRecords([...packageFiles(files, notes)]));
  const placed = [...found, ...ifReadable(() => unstatedComponents(files, found), [], notes)];
  if (placed.length === 0) return { notes };
  const owners = ownersOf(files, placed, packages);
  const counted = new UnjudgedCount();
  const isLayered = files.layers.length > 1;
  const unread = {
    [unreadFile]: new Map<string, string[]>(),
    [unreadComponent]: new Map<string, string[]>(),
  };
  const languages: InstalledPackage[] = [];
  // Those that cannot be read first, damaged ones before all: their places are named.
  for (const { path, found, layer } of placed.toSorted((a, b) => faultsOf(b.found) - faultsOf(a.found))) {
    const owner = owners.get(path);
    if (!owner)
      for (const { ecosystem, kind, inside, detail } of found.unread.toSorted(damagedFirst)) {
        const place = inside === undefined ? path : `${path}!/${inside}`;
        counted.add(ecosystem, place, isLayered ? layer : undefined);
        if (kind === 'damaged') counted.damaged(ecosystem);
        const reasons = unread[isOfComponents(ecosystem) ? unreadComponent : unreadFile];
        const places = reasons.get(detail);
        if (places) places.push(place);
        else reasons.set(detail, [place]);
      }
    for (const { ecosystem, name, version, inside } of found.packages) {
      const database = inside === undefined ? path : `${path}!/${inside}`;
      languages.push({
        ...{ type: ecosystem, name, version, arch: '', source: { name, version }, database },
        ...(files.layers.length > 0 && layer !== undefined && { layer }),
        ...(owner && { owner }),
        ...(found.program && { program: found.program }),
      });
      if (!owner) counted.add(ecosystem, database, isLayered ? layer : undefined);
    }
  }
  for (const [code, reasons] of Object.entries(unread)) notes.push(...unreadNotes(code, reasons));
  const unjudged = counted.list();
  return {
    ...(languages.length > 0 && { languages: languages.sort(byTypeNameVersionPlace) }),
    ...(unjudged.length > 0 && { unjudged }),
    notes,
  };
}

const isDamaged = ({ kind }: NamelessPackage) => kind === 'damaged';

function damagedFirst(a: NamelessPackage, b: NamelessPackage): number {
  return Number(isDamaged(b)) - Number(isDamaged(a));
}

/** 2: some of it is damaged; 1: some of it is unread. */
function faultsOf({ unread }: PackageFile): number {
  return unread.some(isDamaged) ? 2 : Math.min(unread.length, 1);
}

/** A list of a Python package's files names the package only where its metadata is absent. */
function withoutRecords(placed: readonly PlacedPackageFile[]): PlacedPackageFile[] {
  const lowered = new Set(placed.map(({ path }) => path.toLowerCase()));
  return placed.filter(({ path }) => {
    const [record] = /\.dist-info\/RECORD$/i.exec(path) ?? [];
    const metadata = `${path.slice(0, path.lastIndexOf('/'))}/metadata`.toLowerCase();
    return record === undefined || !lowered.has(metadata);
  });
}

/** Components that the list of all has and a document of their own states in the same version are those of the document. */
function withoutListed(placed: readonly PlacedPackageFile[]): PlacedPackageFile[] {
  if (!placed.some(({ path }) => path === componentList)) return [...placed];
  const keyOf = ({ ecosystem, name, version }: LanguagePackage) => [ecosystem, name, version].join('\0');
  const stated = new Set(
    placed.flatMap(({ path, found }) => (path === componentList ? [] : found.packages.map(keyOf))),
  );
  return placed.map((each) => {
    if (each.path !== componentList) return each;
    const packages = each.found.packages.filter((pkg) => !stated.has(keyOf(pkg)));
    return { ...each, found: { ...each.found, packages } };
  });
}

/**
 * Programs of Bitnami of which nothing states a version: a later layer removed their document, or a copy left it out. The list of all
 * components does not say which folder is whose: where it states one, all are taken for stated.
 */
function unstatedComponents(files: FileView, placed: readonly PlacedPackageFile[]): PlacedPackageFile[] {
  const stating = placed
    .filter(({ path, found }) => isOfComponent(path) && found.packages.length + found.unread.length > 0)
    .map(({ path }) => path);
  if (stating.includes(componentList)) return [];
  const unstated = (path: string, detail: string): PlacedPackageFile => ({
    path,
    found: { packages: [], unread: [{ ecosystem: 'bitnami', kind: 'damaged', detail }] },
    layer: files.stat(path, false)?.layer,
  });
  const list = files.stat(componentList, false);
  const isProgram = (path: string) =>
    ['bin', 'sbin'].some((folder) => files.stat(`${path}/${folder}`)?.type === 'directory') &&
    !stating.some((document) => document.startsWith(`${path}/`));
  return [
    ...(list && list.type !== 'file'
      ? [unstated(componentList, 'a list of components that is no file')]
      : []),
    ...files
      .list(componentsFolder)
      .map((name) => `${componentsFolder}/${name}`)
      .filter(isProgram)
      .map((path) => unstated(path, 'a program of Bitnami without a document that names its version')),
  ];
}

/** A note for each reason why packages could not be read; reasons may have names in them. */
function unreadNotes(code: string, unread: ReadonlyMap<string, readonly string[]>): InventoryNote[] {
  const reasons = [...unread];
  const notes = reasons.slice(0, maxReasons).map(([detail, places]) => ({
    code,
    where: places[0]!,
    detail: `${detail}${places.length > 1 ? `; ${places.length} in all` : ''}`,
  }));
  const others = reasons.slice(maxReasons).flatMap(([, places]) => places);
  if (others.length > 0)
    notes.push({ code, where: others[0]!, detail: `${others.length} more, for other reasons` });
  return notes;
}

/** The packages that own package files, by path. A file that a later layer replaced by another package has no owner. */
function ownersOf(
  files: FileView,
  placed: readonly PlacedPackageFile[],
  packages: readonly InstalledPackage[],
): ReadonlyMap<string, PackageOwner> {
  const installed = new Map(packages.map((pkg) => [ownerKey(pkg), pkg]));
  const found = new Map(placed.map((each) => [each.path, each.found]));
  const names = new Set(placed.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)));
  const owners = new Map<string, PackageOwner>();
  for (const { path, owner } of packagedPaths(files, names)) {
    if (!names.has(path.slice(path.lastIndexOf('/') + 1))) continue;
    const real = files.real(path) ?? path;
    const file = found.get(real);
    const pkg = installed.get(ownerKey(owner));
    if (!file || !pkg || owners.has(real) || isReplaced(files, real, file, pkg)) continue;
    const { name, version, arch } = pkg;
    owners.set(real, { type: owner.type, name, version, arch });
  }
  return owners;
}

function ownerKey({ type, name, arch }: Pick<InstalledPackage, 'type' | 'name' | 'arch'>): string {
  return `${type}\0${name}\0${arch}`;
}

/** A layer that only changes the rights of a file has it again, with the same packages. */
function isReplaced(files: FileView, path: string, file: PackageFile, { layer }: InstalledPackage): boolean {
  const own = files.stat(path)?.layer;
  if (layer === undefined || own === undefined || own <= layer) return false;
  const before = files.packageFile?.(path, layer);
  return before === undefined || JSON.stringify(before) !== JSON.stringify(file);
}

function byTypeNameVersionPlace(a: InstalledPackage, b: InstalledPackage): number {
  return (
    compareCodeUnits(a.type, b.type) ||
    compareCodeUnits(a.name, b.name) ||
    compareCodeUnits(a.version, b.version) ||
    compareCodeUnits(a.database, b.database)
  );
}
