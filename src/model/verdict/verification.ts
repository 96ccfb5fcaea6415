import type {
  InstalledPackage,
  InventoryNote,
  Layer,
  OsRelease,
  PackageDatabase,
} from '../inventory/inventory.ts';
import type { Ignored, PolicyUse } from './exception.ts';
import type { SignatureGate } from './signed.ts';

/** Kinds of differences between a file and its package. `--fail-on` takes these words. */
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
 * unowned: an executable or library that no package owns; changed: content, type or link target differ; config: the same
 * for a configuration file; missing: gone, though a package installed it; setuid, capability, world-writable: permissions
 * that nothing allows; attributes: mode or owner differ otherwise.
 */
export type DeviationKind = (typeof deviationKinds)[number];

/** The origin of a file's permissions. */
export type RightsOrigin =
  /** The package database has these permissions. */
  | 'as_packaged'
  /** dpkg records no modes; the package is known to ship the file with this one. */
  | 'known'
  /** dpkg-statoverride asks for them. */
  | 'override'
  /** The package database has other permissions. */
  | 'not_as_packaged'
  /** dpkg records no modes, and the package is not known to ship the file with this one. */
  | 'not_recorded'
  /** No package owns the file. */
  | 'unowned';

/** The kind of program in a file, by its first bytes. */
export type ExecutableKind = 'program' | 'library' | 'kernel module' | 'script';

/** A file that differs from the one its package installed, or that no package owns. */
export interface Deviation {
  kind: DeviationKind;
  path: string;
  /** Names of the packages that own it. Empty if none does. */
  packages: readonly string[];
  /** A short description of the difference: `digest`, `mode 0755, packaged 0644`. */
  detail: string;
  /** For files that the system can run or load. */
  executable?: ExecutableKind;
  /** For an unowned or changed file: its digest in hex, if known. */
  sha256?: string;
  /** Octal. */
  mode?: string;
  origin?: RightsOrigin;
  /** Index of the layer that added a present file or removed a missing one, if known. */
  layer?: number;
}

/** A file with setuid, setgid or capabilities, and what allows them. */
/** A deviation that the policy accepts. */
export type AcceptedDeviation = Deviation & { ignored: Ignored };

/** A file with special permissions, and their origin. */
export interface PrivilegedFile {
  kind: 'setuid' | 'capability' | 'world-writable';
  path: string;
  packages: readonly string[];
  mode: string;
  origin: RightsOrigin;
  /** For example `cap_net_raw=p`. */
  capabilities?: string;
  layer?: number;
}

/** Why the content of an owned file was not compared. */
export type UnverifiedReason =
  /** The package has no digest of it. */
  | 'no_digest'
  /** The packager excluded the file from verification. */
  | 'left_out_by_packager'
  /** The digest is unknown: the file is stored with holes, needs another algorithm, or was not hashed on a stream. */
  | 'not_hashed';

/** The result of `scapfeed verify`: schemas/verification.schema.json. */
export interface Verification {
  format: 'scapfeed/verification/1';
  tool: string;
  image: { reference: string; digest?: string; architecture?: string; layers: readonly Layer[] };
  /** The result of the signature check. Absent if none was requested. */
  signed?: SignatureGate;
  inventory: {
    os: OsRelease | null;
    databases: readonly PackageDatabase[];
    packages: number;
    notes: readonly InventoryNote[];
  };
  /** By kind in the order of `deviationKinds`, then by path. */
  deviations: readonly Deviation[];
  /** Number of deviations of each kind excluded by `--allow` and the policy. */
  allowed: Readonly<Record<string, number>>;
  /** Deviations excluded by the policy, each with its reason. Absent if there are none. */
  accepted?: readonly AcceptedDeviation[];
  /** The use of the policy's entries, if there was one. */
  policy?: PolicyUse;
  privileged: readonly PrivilegedFile[];
  counts: {
    /** Regular files of the image. */
    files: number;
    /** Files owned by packages. */
    owned: number;
    /** Files whose content was compared with a digest. */
    compared: number;
    /**
     * Packaged paths without a file: documentation left out, configuration removed, optional files, and directories and links,
     * which dpkg does not distinguish.
     */
    absent: { documentation: number; config: number; optional: number; undescribed: number };
  };
  /** Owned files that were not compared, by reason, with the packages that have most of them. */
  unverified: readonly { reason: UnverifiedReason; files: number; packages: readonly string[] }[];
  /** Packages without a file list. Their files appear unowned. */
  uncovered: readonly InstalledPackage[];
}
