import type { Feed, Shard } from '../feed/read/feed.ts';
import type {
  FeedPlatform,
  FileView,
  ImageProduct,
  InstalledPackage,
  Inventory,
  InventoryNote,
  OsRelease,
  UncoveredPackage,
  Verdict,
} from '../model/index.ts';
import type { AptSource } from '../packaging/deb/apt.ts';
import type { PackageMatch } from './shared/said.ts';

/**
 * What the runtime needs of a distribution: how its rows judge an installed package. No I/O but the feed's own look-ups,
 * no npm package: it is part of `scapfeed/runtime`.
 */
export interface Judge {
  /** ID in os-release of the platforms whose rows it reads. */
  id: string;
  /** Which part of VERSION_ID names a platform: all of it (`22.04`), or only the major (`9` of `9.4`). Default: all. */
  versions?: 'whole' | 'major';
  /** Options of a scan that are about this distribution alone. */
  options?: readonly JudgingOption[];
  /** The platform of a release whose files have no VERSION_ID. Undefined: they do not tell. */
  unversioned?(
    platforms: readonly FeedPlatform[],
    os: OsRelease,
    inventory: Pick<Inventory, 'aptSuites'>,
  ): { platform: FeedPlatform; marks: string[] } | undefined;
  matcher(context: MatchContext): Matcher;
}

/** `--NAME` (a flag also as `--no-NAME`), with the words that help and errors use. */
export type JudgingOption = { name: string; help: string } & (
  | { type: 'flag' }
  | { type: 'choice'; of: readonly string[]; what: string }
);

export interface MatchContext {
  feed: Feed;
  /** The shard of the platform that judges. */
  shard: Shard;
  inventory: JudgedInventory;
  /** Also make verdicts `fixed` and `not_affected`. */
  all: boolean;
  /** The user judges another distribution's image by these rows. */
  mapped: boolean;
  /** Values of the judge's own options, by name. */
  settings: Readonly<Record<string, string | boolean>>;
}

/** What of an inventory decides verdicts. */
export type JudgedInventory = Pick<Inventory, 'packages'> &
  Partial<Pick<Inventory, 'os' | 'aptSuites' | 'products' | 'context'>>;

export interface Matcher {
  match(pkg: InstalledPackage): PackageMatch;
  /** What is said of an image's container products as wholes, packages apart. */
  products?(): ProductMatch[];
}

export interface ProductMatch {
  verdicts: Verdict[];
  uncovered: UncoveredPackage[];
  notes: InventoryNote[];
}

/** How images of a distribution are recognised, and what they say of themselves beside their packages. */
export interface ImageReader {
  /** ID in os-release; key of the context in the inventory. */
  id: string;
  release?: ReleaseReader;
  wanted?: WantedFiles;
  read?(files: FileView, known: ImageFacts): ImageContext;
}

/** What tells a release where os-release says too little or is not there. Files are read through the view alone. */
export interface ReleaseReader {
  /** The distribution's own files, the most telling first. */
  files?: readonly ReleaseFile[];
  /** What only VERSION says of an image with its ID. */
  ofVersion?(version: string): Partial<Pick<OsRelease, 'codename' | 'pointRelease'>>;
  /** What its own files add to an image's os-release. Undefined: they are not of this release. */
  detail?(files: FileView, os: OsRelease): Partial<OsRelease> | undefined;
}

export interface ReleaseFile {
  path: string;
  /** Derivatives keep it, with their parent's text: it is asked after all the others. */
  inDerivatives?: true;
  parse(text: string): Omit<OsRelease, 'found'> | undefined;
}

/** What is kept of an image that is read as a stream. */
export interface WantedFiles {
  paths: readonly string[];
  /** Every file in them. */
  folders: readonly string[];
  /** Files in a folder whose names begin so: the folder's others may be many. */
  prefixes?: readonly { folder: string; prefix: string }[];
}

/** What is known of an image before its distribution is asked. */
export interface ImageFacts {
  /** Labels of the image's configuration, by name. */
  labels: Readonly<Record<string, string>>;
  aptSources: readonly AptSource[];
}

export interface ImageContext {
  /** The distribution's own facts, for its judge alone to understand; plain JSON. */
  context?: object;
  products?: readonly ImageProduct[];
  notes: readonly InventoryNote[];
}
