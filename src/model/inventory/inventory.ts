/** `12.5`, `9.4`: the detail of a release's own file in addition to VERSION_ID. */
export interface ReleaseDetail {
  pointRelease?: string;
}

/** The release from os-release or an older file. `found` is the file. */
export interface OsRelease extends ReleaseDetail {
  id: string;
  versionId?: string;
  codename?: string;
  idLike?: readonly string[];
  prettyName?: string;
  /** CPE_NAME, if the release has one. */
  cpe?: string;
  found: string;
}

/** The kind of a package database. `chisel`: the manifest of slices cut from Ubuntu's packages. `sbom`: a document that lists packages instead of a database. */
export type DatabaseKind =
  | 'apk'
  | 'chisel'
  | 'dpkg'
  | 'dpkg-status.d'
  | 'pacman'
  | 'portage'
  | 'rpm-sqlite'
  | 'rpm-bdb'
  | 'rpm-ndb'
  | 'rpm-manifest'
  | 'rpm-inventory'
  | 'sbom';

/** Code of the note about an incomplete package database. */
export const incompleteDatabase = 'incomplete_package_database';

/** Code of the note about a half-installed package. */
export const halfInstalledNote = 'half_installed';

/** Code of the note about an image's own description that this user may not read: labels, content sets. */
export const unreadContext = 'unread_context';

/** Code of the note about an image that had a distribution and does not say which. */
export const lostDistribution = 'distribution_lost';

/** Codes of the notes about a search for packages of languages that did not see every file. */
export const searchCut = 'unjudged_search_cut';
export const searchIncomplete = 'unjudged_search_incomplete';
/** Code of the notes about files of packages of languages that could not be read. */
export const unreadFile = 'package_file_unread';

/** Code of the note that names an ecosystem of judged packages and the date of its data. */
export const judgedLanguage = 'judged_language';

/** A package database that was found and read. */
export interface PackageDatabase {
  kind: DatabaseKind;
  path: string;
  packages: number;
  /** It declares more packages than could be read. The listed packages are installed, but the list is incomplete. */
  incomplete?: boolean;
}

/** The package databases by the packages that they list, in the types of package URLs: `deb` for dpkg's, `alpm` for pacman's, `ebuild` for portage's. */
export const databaseTypes: readonly DatabaseType[] = ['alpm', 'apk', 'deb', 'ebuild', 'rpm'];

/** A system's package manager, by the type of its package URLs. */
export type DatabaseType = 'alpm' | 'apk' | 'deb' | 'ebuild' | 'rpm';

/** Whether a type is one of a package database, and not of a language. */
export function isDatabaseType(type: string | undefined): type is DatabaseType {
  return (databaseTypes as readonly (string | undefined)[]).includes(type);
}

/** Ecosystems of languages, by their types of package URLs, in code-unit order. */
export const languageIds = ['cargo', 'composer', 'gem', 'golang', 'maven', 'npm', 'nuget', 'pypi'] as const;

/**
 * Vendors of whole programs, which they put beside a distribution's packages: Bitnami below /opt/bitnami. They are what an image is
 * made for, so that no choice of languages leaves them out.
 */
export const componentIds = ['bitnami'] as const;

/** Both, in code-unit order: what packages can be of besides a distribution. */
export const ecosystemIds = [...componentIds, ...languageIds] as const;

export type EcosystemId = (typeof ecosystemIds)[number];

/** Whether an ecosystem is a vendor of components, and not a language. */
export function isOfComponents(ecosystem: string): boolean {
  return (componentIds as readonly string[]).includes(ecosystem);
}

/** Whether a package is of a language; others are in the database of a distribution. */
export function isOfEcosystem({ type }: { type: string }): boolean {
  return (ecosystemIds as readonly string[]).includes(type);
}

/** An installed package: present in the file system (dpkg: installed, unpacked, half-configured, triggers-*). */
export interface InstalledPackage {
  /** `oci`: the container itself, if a vendor publishes statements about it as a whole; no database lists it. */
  type: DatabaseType | EcosystemId | 'oci';
  name: string;
  /** Full version in the packager's notation, with its epoch if it has one: `1:2.3-4`, rpm `2:1.0-3.el9`. */
  version: string;
  arch: string;
  /**
   * Source package. For rpm, the version is version-release of SOURCERPM, without an epoch. If it is unstated, name and version of the
   * package itself (see `statedSource`).
   */
  source: { name: string; version: string };
  /** dpkg's state, if it is not `installed`. */
  state?: string;
  /** rpm: `name:stream` of MODULARITYLABEL. */
  module?: string;
  /** rpm: the full MODULARITYLABEL. */
  modularityLabel?: string;
  vendor?: string;
  /** portage: the slot, with the sub-slot if it has one: `3.12`, `0/1.1`. Packages of other slots are installed beside it. */
  slot?: string;
  /** portage: the repository that the ebuild is from: `gentoo`, or an overlay. */
  repository?: string;
  /** rpm: 16 hex digits of the signing key. Absent if unsigned. */
  keyId?: string;
  /** Path of the database that lists it. */
  database: string;
  /** Index of the image layer that installed this version. */
  layer?: number;
  /** The system of the package as an SBOM states it, if it is another one than the image's. */
  system?: { id: string; version?: string };
  /** Package of the distribution that owns the file which names a package of a language. */
  owner?: PackageOwner;
  /** The program that a module of Go is linked into. */
  program?: GoProgram;
  /** Data that a package database has but the SBOM, or the manifest of chisel, that lists the package omits. */
  unstated?: readonly Unstated[];
}

/** A program of Go by its main module. */
export interface GoProgram {
  /** Path of the module: `github.com/rancher/wharfie`. */
  name: string;
  /** Absent: built from a folder, or between two releases. */
  version?: string;
}

/** A package of a distribution by which others are installed. */
export interface PackageOwner {
  type: DatabaseType;
  name: string;
  version: string;
  arch: string;
}

/**
 * Data missing from an SBOM, or from chisel's manifest. `source`: the source package; `signature`: whether it is signed; `release`: it is of another system.
 */
export type Unstated = 'source' | 'signature' | 'release';

export const unstatedFacts: readonly Unstated[] = ['source', 'signature', 'release'];

/** The source package; undefined if it is not known. */
export function statedSource({
  source,
  unstated,
}: Pick<InstalledPackage, 'source' | 'unstated'>): InstalledPackage['source'] | undefined {
  return unstated?.includes('source') ? undefined : source;
}

/** Packages of an ecosystem that no feed covers: `npm`, `pypi`, `golang`. They are counted, not judged. */
export interface UnjudgedPackages {
  ecosystem: string;
  packages: number;
  /** Those of them in files that are damaged or too large to be read to their end. Absent: none. */
  damaged?: number;
  /** Indexes of the layers that contain them, lowest first. */
  layers?: readonly number[];
  /** Locations of some of them, damaged ones first. */
  places: readonly string[];
}

/** The counted packages besides these: those of which only a place is known, or that nobody judges. */
export function unjudgedBeside(
  counted: readonly UnjudgedPackages[],
  packages: readonly Pick<InstalledPackage, 'type' | 'owner'>[],
): UnjudgedPackages[] {
  return counted.flatMap((each) => {
    const left =
      each.packages - packages.filter(({ type, owner }) => type === each.ecosystem && !owner).length;
    return left > 0 ? [{ ...each, packages: left }] : [];
  });
}

/** Facts about a package that SBOMs show and verdicts do not need. */
export interface PackageDescription {
  /** As the packager wrote them; all of them apply. Empty: unknown. */
  licences: readonly string[];
  /** Path of the file that has them, for dpkg. */
  licenceFile?: string;
  /** sha256 of the rpm header, which has the digest of the payload. */
  sha256?: string;
  /** All regular files, where the database has their SHA-1 (apk; dpkg has MD5, rpm mostly SHA-256). */
  files?: readonly PackagedFileDigest[];
}

/** A file as its package brought it. */
export interface PackagedFileDigest {
  path: string;
  sha1: string;
}

/** A layer of an image. */
export interface Layer {
  /** Digest of the uncompressed tar (`sha256:…`), if known. */
  diffId?: string;
  /** Digest of the blob as stored. */
  digest?: string;
  /** The command in the image history that created it. */
  createdBy?: string;
}

/** A problem found while reading an image: a half-installed package, an unreadable file. */
export interface InventoryNote {
  code: string;
  where: string;
  detail?: string;
}

/** The content of an image. `databases` distinguishes an image without package database from one without packages. */
export interface Inventory {
  os: OsRelease | null;
  databases: readonly PackageDatabase[];
  packages: readonly InstalledPackage[];
  notes: readonly InventoryNote[];
  /** Packages that dpkg or portage left half-installed: neither present nor absent. They are not judged; each has a note. */
  halfInstalled?: readonly InstalledPackage[];
  /** Packages of languages with their versions. `database` is the place that names them, the name is that of the ecosystem's data. */
  languages?: readonly InstalledPackage[];
  /** Packages that are only counted, by ecosystem, in code-unit order. */
  unjudged?: readonly UnjudgedPackages[];
  /** Suites and origins in apt's sources. */
  aptSuites?: readonly string[];
  /** `name:stream` of the modules that dnf has enabled. */
  enabledModules?: readonly string[];
  /** The products of the image and of its base images, from their labels. */
  products?: readonly ImageProduct[];
  /** Facts for the matching rules of a single distribution, by its id (`ubuntu`, `rhel`). Plain JSON. */
  context?: Readonly<Record<string, object>>;
}

/** A container product, from its labels: `openshift-base-rhel9`, component `openshift-base-rhel9-container`. */
export interface ImageProduct {
  /** The file that contains it, or `label url`. */
  found: string;
  name?: string;
  component?: string;
  version?: string;
  release?: string;
  architecture?: string;
}

/** A package of a language as an installed file names it. */
export interface LanguagePackage {
  ecosystem: EcosystemId;
  /** As the ecosystem's data spells it. */
  name: string;
  version: string;
  /** Place below the file, for a package inside an archive: `BOOT-INF/lib/x-1.0.jar`. */
  inside?: string;
  /** Source of the name, if it is not the metadata written for it: it may be wrong. */
  by?: 'manifest' | 'file name';
}

/**
 * A package that a file has and that has no readable name or version. `damaged`: the file is broken, or not read to its end because of a
 * limit. `undetermined`: the file is whole, and does not state what could be compared with releases.
 */
export interface NamelessPackage {
  ecosystem: EcosystemId;
  kind: 'damaged' | 'undetermined';
  inside?: string;
  /** Why, in a few words: `built by Go before 1.18`. */
  detail: string;
}

/** Content of a package file. */
export interface PackageFile {
  program?: GoProgram;
  packages: readonly LanguagePackage[];
  unread: readonly NamelessPackage[];
}

/** Reads one file in pieces, in order, so that it need not be held in memory. */
export interface PackageFileReader {
  push(piece: Buffer): void;
  /** True once the remaining pieces cannot change the result. */
  readonly isOver: boolean;
  /** Called once, after the last piece that is pushed. Undefined: the file is not of this form. */
  end(): PackageFile | undefined;
}

/** Begins to read a file by its canonical path. Undefined: no packages are looked for in it. */
export type ReadPackageFile = (path: string, size: number) => PackageFileReader | undefined;

/** Packages of languages may be where the search did not look. */
export function hasUnsearched({ notes }: Pick<Inventory, 'notes'>): boolean {
  return notes.some(({ code }) => code === searchCut || code === searchIncomplete);
}
