/** `12.5`, `9.4`: what a release's own file says beyond VERSION_ID. */
export interface ReleaseDetail {
  pointRelease?: string;
}

/** What os-release (or its fall-backs) says; `found` names the file that decided. */
export interface OsRelease extends ReleaseDetail {
  id: string;
  versionId?: string;
  codename?: string;
  idLike?: readonly string[];
  prettyName?: string;
  /** CPE_NAME, where the release carries one. */
  cpe?: string;
  found: string;
}

export type DatabaseKind = 'dpkg' | 'dpkg-status.d' | 'rpm-sqlite' | 'rpm-bdb' | 'rpm-ndb';

/** Code of the note that says what an incomplete database lacks. */
export const incompleteDatabase = 'incomplete_package_database';

/** A package database that was found and read. */
export interface PackageDatabase {
  kind: DatabaseKind;
  path: string;
  packages: number;
  /** It declares more than could be found: what it lists is there, but not all that is there is listed. */
  incomplete?: boolean;
}

/** Installed: present in the file system (dpkg: installed, unpacked, half-configured, triggers-*). */
export interface InstalledPackage {
  /** `oci`: the container itself, where a vendor speaks of it as a whole; no database lists it. */
  type: 'deb' | 'rpm' | 'oci';
  name: string;
  /** Full version in the packager's notation with its epoch where it has one: `1:2.3-4`, rpm `2:1.0-3.el9`. */
  version: string;
  arch: string;
  /** Source package; for rpm, version is version-release of SOURCERPM and carries no epoch. */
  source: { name: string; version: string };
  /** dpkg's state where it is not `installed`. */
  state?: string;
  /** rpm: `name:stream` of MODULARITYLABEL. */
  module?: string;
  /** rpm: whole MODULARITYLABEL. */
  modularityLabel?: string;
  vendor?: string;
  /** rpm: 16 hex digits of the signing key; absent: unsigned. */
  keyId?: string;
  /** Path of the database that lists it. */
  database: string;
  /** Index into the image's layers of the layer that brought this version. */
  layer?: number;
}

export interface Layer {
  /** Digest of the uncompressed tar (`sha256:…`), where known. */
  diffId?: string;
  /** Digest of the blob as stored. */
  digest?: string;
  /** The command of the image history that made it. */
  createdBy?: string;
}

/** Something seen while reading that a user must know of: a skipped half-installed package, an unreadable file. */
export interface InventoryNote {
  code: string;
  where: string;
  detail?: string;
}

/** What an image holds. No database at all is not an empty inventory: `databases` tells them apart. */
export interface Inventory {
  os: OsRelease | null;
  databases: readonly PackageDatabase[];
  packages: readonly InstalledPackage[];
  notes: readonly InventoryNote[];
  /** Packages that dpkg left half-installed: neither present nor absent, never judged, each with a note. */
  halfInstalled?: readonly InstalledPackage[];
  /** Suites and origins named by apt's sources. */
  aptSuites?: readonly string[];
  /** `name:stream` of the modules that dnf has enabled. */
  enabledModules?: readonly string[];
  /** What labels call the image and those that it was built on. */
  products?: readonly ImageProduct[];
  /** What an image says that only the judge of its distribution understands, by that judge's id; plain JSON. */
  context?: Readonly<Record<string, object>>;
}

/** A container product by its labels: `openshift-base-rhel9`, component `openshift-base-rhel9-container`. */
export interface ImageProduct {
  /** The file that says so, or `label url`. */
  found: string;
  name?: string;
  component?: string;
  version?: string;
  release?: string;
  architecture?: string;
}
