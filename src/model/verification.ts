import type { InstalledPackage, InventoryNote, Layer, OsRelease, PackageDatabase } from './inventory.ts';

/** How a file is not as the packages of its image say. `--fail-on` takes these words. */
export const deviationKinds = [
  'unowned',
  'changed',
  'missing',
  'config',
  'setuid',
  'capability',
  'world-writable',
  'attributes',
] as const;

/**
 * unowned: an executable or library of no package; changed: content, type or link target differ; config: the same of a
 * configuration file; missing: gone, though the package manager put it there; setuid, capability, world-writable: rights
 * that no package accounts for; attributes: mode or owner differ otherwise.
 */
export type DeviationKind = (typeof deviationKinds)[number];

/** What accounts for a file's rights. */
export type RightsOrigin =
  /** The package database has these rights. */
  | 'as_packaged'
  /** dpkg records no modes; the package is known to ship this one so. */
  | 'known'
  /** dpkg-statoverride asks for them. */
  | 'override'
  /** The package database has other rights. */
  | 'not_as_packaged'
  /** dpkg records no modes, and the package is not known to ship this. */
  | 'not_recorded'
  /** No package owns the file. */
  | 'unowned';

export type ExecutableKind = 'program' | 'library' | 'kernel module' | 'script';

export interface Deviation {
  kind: DeviationKind;
  path: string;
  /** Names of the packages that own it; empty: none. */
  packages: readonly string[];
  /** What differs, in a few words: `digest`, `mode 0755, packaged 0644`. */
  detail: string;
  /** Of what the system can run or load. */
  executable?: ExecutableKind;
  /** Of an unowned or changed file, hex, where it is known. */
  sha256?: string;
  /** Octal. */
  mode?: string;
  origin?: RightsOrigin;
  /** Index of the layer that brought what is there now, or that took a missing file away, where that is known. */
  layer?: number;
}

/** A file whose rights go beyond its user's, and are accounted for. */
export interface PrivilegedFile {
  kind: 'setuid' | 'capability' | 'world-writable';
  path: string;
  packages: readonly string[];
  mode: string;
  origin: RightsOrigin;
  /** `cap_net_raw=p` */
  capabilities?: string;
  layer?: number;
}

/** Why the content of an owned file was not compared. */
export type UnverifiedReason =
  /** The package brings no digest of it. */
  | 'no_digest'
  /** The packager took the file out of verification. */
  | 'left_out_by_packager'
  /** The digest is not known: stored with holes, of another algorithm, or passed by on a stream. */
  | 'not_hashed';

/** What `scapfeed verify` finds: schemas/verification.schema.json. */
export interface Verification {
  format: 'scapfeed/verification/1';
  tool: string;
  image: { reference: string; digest?: string; architecture?: string; layers: readonly Layer[] };
  inventory: {
    os: OsRelease | null;
    databases: readonly PackageDatabase[];
    packages: number;
    notes: readonly InventoryNote[];
  };
  /** By kind in the order of `deviationKinds`, then path. */
  deviations: readonly Deviation[];
  /** How many of each kind `--allow` took out. */
  allowed: Readonly<Record<string, number>>;
  privileged: readonly PrivilegedFile[];
  counts: {
    /** Regular files of the image. */
    files: number;
    /** Those that packages own. */
    owned: number;
    /** Files whose content was compared with a digest. */
    compared: number;
    /**
     * Packaged paths where nothing stands, for good or unknown reasons: documentation left out, configuration removed,
     * what may be absent, and directories and links, which dpkg does not tell from each other.
     */
    absent: { documentation: number; config: number; optional: number; undescribed: number };
  };
  /** Owned files that were not compared, by reason, with the packages that have most of them. */
  unverified: readonly { reason: UnverifiedReason; files: number; packages: readonly string[] }[];
  /** Packages that have no list of their files: whatever they own looks unowned. */
  uncovered: readonly InstalledPackage[];
}
