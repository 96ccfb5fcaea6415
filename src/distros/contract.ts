import type { Feed, Shard } from '../feed/read/feed.ts';
import type { VerdictRule } from '../model/compliance/index.ts';
import type { FeedPlatform, ReferencePages } from '../model/feed/index.ts';
import type {
  DatabaseType,
  FileView,
  ImageProduct,
  InstalledPackage,
  Inventory,
  InventoryNote,
  OsRelease,
  PackageUrl,
} from '../model/inventory/index.ts';
import type { UncoveredPackage, Verdict } from '../model/verdict/index.ts';
import type { AptSource } from '../packaging/deb/apt.ts';
import type { PackageMatch } from './shared/package-match.ts';

/**
 * Judging of installed packages by a distribution's rows: the part of a distribution that the runtime needs. It uses no I/O
 * except look-ups in the feed, and no npm package, because it is part of `scapfeed/runtime`.
 */
export interface Judge {
  /** ID in os-release of the platforms that it judges. */
  id: string;
  /** The part of VERSION_ID that names a platform: `9` of `9.4`, `3.20` of `3.20.2`. Default: all of it. */
  release?(versionId: string): string;
  /** Statements name binary packages, so a package is judged even if its source is not stated. */
  byOwnNames?: true;
  /** The package databases that its statements are about. Packages of others are not covered: their versions have another order. */
  databases: readonly DatabaseType[];
  /** The vendor's name in package URLs, if it is not the ID of os-release. */
  purl?: string;
  /** Whether a package is of a Linux kernel, which a container does not run. Absent: none is. */
  kernel?(pkg: InstalledPackage): boolean;
  /** Its web pages about flaws and advisories. */
  pages?: ReferencePages;
  /** Prefix of the ids of layered platforms: a scan of a release looks up packages there too. */
  layers?: string;
  /** The vendor rates its flaws: a gate by severity can do without the ratings of others. Debian and Alpine rate few or none. */
  rates?: true;
  /** The vendor publishes CVSS scores of its own, which rate what it gives no word for. */
  publishesCvss?: true;
  /** Prefix of the ids that its VEX gives flaws: such statements inform, and lift nothing, as its advisories have decided. */
  vexInforms?: string;
  /** Streams of updates that an image may get besides `main`; which one it gets, it says itself unless the user does. */
  streams?: readonly string[];
  /** The platform of a release without VERSION_ID. Undefined: its files do not state it. */
  unversioned?(
    platforms: readonly FeedPlatform[],
    os: OsRelease,
    inventory: Pick<Inventory, 'aptSuites'>,
  ): { platform: FeedPlatform; marks: string[] } | undefined;
  /** Whether it is made from that system, which runs ahead of it and has no statements of its own: its builds are others. */
  follows?(os: OsRelease): boolean;
  matcher(context: MatchContext): Matcher;
}

export interface MatchContext {
  feed: Feed;
  /** The shard of the platform that judges. */
  shard: Shard;
  inventory: JudgedInventory;
  /** Also make verdicts `fixed` and `not_affected`. */
  all: boolean;
  /** The image is of another distribution and is judged by these rows on request. */
  mapped: boolean;
  /** `main`, or a stream of some distribution, in place of what the image says. */
  stream: string | undefined;
}

/** The parts of an inventory that decide verdicts. */
export type JudgedInventory = Pick<Inventory, 'packages'> &
  Partial<
    Pick<Inventory, 'os' | 'aptSuites' | 'enabledModules' | 'products' | 'context' | 'languages' | 'unjudged'>
  >;

export interface Matcher {
  match(pkg: InstalledPackage): PackageMatch;
  /** The row that decides on a package about one vulnerability; undefined: none does. */
  rule(pkg: InstalledPackage, vulnerability: string): VerdictRule | undefined;
  /** Verdicts about an image's container products as a whole, in addition to its packages. */
  products?(): ProductMatch[];
}

export interface ProductMatch {
  verdicts: Verdict[];
  uncovered: UncoveredPackage[];
  notes: InventoryNote[];
}

/** Recognises images of a distribution, and reads their facts besides packages. */
export interface ImageReader {
  /** ID in os-release; key of the context in the inventory. */
  id: string;
  release?: ReleaseReader;
  wanted?: WantedFiles;
  read?(files: FileView, known: ImageFacts): ImageContext;
}

/** Detects a release if os-release is missing or says too little. Files are read only through the view. */
export interface ReleaseReader {
  /** The distribution's own files, the most specific first. */
  files?: readonly ReleaseFile[];
  /** Details that only VERSION has; `versionId`: the release, if VERSION_ID has a part of it. */
  ofVersion?(version: string): Partial<Pick<OsRelease, 'codename' | 'pointRelease' | 'versionId'>>;
  /** The parts of a version as SBOMs write it, in place of VERSION_ID: `12.15`. */
  ofNumber?(number: string): Partial<Pick<OsRelease, 'versionId' | 'codename' | 'pointRelease'>>;
  /** The release by what an SBOM says of packages, where it names no system. */
  ofPackages?(evidence: SbomEvidence): Pick<OsRelease, 'versionId' | 'found'> | undefined;
  /** Test by which content of the vendor reads the release from the distribution's own files. */
  questions?: readonly ReleaseQuestion[];
  /** Details that its own files add to os-release. Undefined: they are not of this release. */
  detail?(files: FileView, os: OsRelease): Partial<OsRelease> | undefined;
}

/** A search for a pattern in a release file, which an SBOM can answer if it states the release. */
export interface ReleaseQuestion {
  filepath: string;
  /** The pattern exactly as the vendor writes it, with one group. */
  pattern: string;
  /** The text that the group matches in a system's file; undefined: the statement does not determine it. */
  answer(stated: Pick<OsRelease, 'versionId' | 'codename'>): string | undefined;
}

/** Facts of a distribution in an SBOM besides its name. */
export interface SbomEvidence {
  purls: readonly PackageUrl[];
  cpes: readonly string[];
}

export interface ReleaseFile {
  path: string;
  /** Derivatives keep this file with their parent's text: it is read after all others. */
  inDerivatives?: true;
  parse(text: string): Omit<OsRelease, 'found'> | undefined;
}

/** The files that are kept of an image that is read as a stream. */
export interface WantedFiles {
  paths: readonly string[];
  /** Folders of which every file is kept. */
  folders: readonly string[];
  /** Files in a folder by a prefix of their names, for folders with many other files. */
  prefixes?: readonly { folder: string; prefix: string }[];
}

/** Facts about an image before its distribution's files are read. */
export interface ImageFacts {
  /** ID in os-release; absent: the image does not say. */
  osId?: string;
  /** Labels of the image's configuration, by name. */
  labels: Readonly<Record<string, string>>;
  aptSources: readonly AptSource[];
  /** Returns the number of lowest layers with this ChainID (OCI image specification). Absent: the layers are not known. */
  layersOf?(chainId: string): number | undefined;
}

export interface ImageContext {
  /** Facts for the distribution's judge only; plain JSON. */
  context?: object;
  products?: readonly ImageProduct[];
  notes: readonly InventoryNote[];
}
