import type { RatingSource } from './assessment.ts';
import type { FeedContent } from './feed-content.ts';
import type { FindingSummary, UnreadRecord } from './finding.ts';
import type { Platform } from './platform.ts';
import type { Roster } from './roster.ts';
import type { OutsideRating } from './severity-decision.ts';
import type { Claim, Status } from './statement.ts';
import type { Advisory, Vulnerability } from './vulnerability.ts';

/**
 * Line of `index/PLATFORM.jsonl`, sorted by the value of its first field in code units. What many claims share is stored
 * once: their kinds in one line at the top, long lists of vulnerabilities below it, then one line per package.
 */
export type ShardRecord = KindsRecord | ListRecord | PackageRecord;

/** The kinds of claims in a shard: all fields but versions, advisories and vulnerabilities. The most common first. */
export interface KindsRecord {
  table: typeof kindsKey;
  kinds: ClaimKind[];
}

/** Vulnerabilities of one year that several claims share, mostly kernel flaws. */
export interface ListRecord {
  /** `#12`; no id and no package name begins with `#`. */
  list: string;
  ids: string[];
}

/** A line of a shard: a package and the claims about it. */
export interface PackageRecord extends Omit<ShardLine, 'claims'> {
  claims: StoredClaim[];
}

/** A claim in a shard: its own fields, and a reference to its kind for all others. */
export interface StoredClaim extends Pick<ShardClaim, OwnField> {
  /** Index into the kinds. */
  kind: number;
  /** Vulnerability ids in natural order. The key of a shared list stands for its ids. */
  ids: string[];
}

/** The fields that claims of one kind share. */
export type ClaimKind = Omit<ShardClaim, OwnField | 'ids'>;

/** Fields that a claim stores itself. */
export type OwnField = 'fixed' | 'range' | 'channelFix' | 'advisories' | 'module' | 'imports' | 'evidence';

/** Key of the line of kinds. */
export const kindsKey = '!kinds';

/** Format number of a feed. Readers refuse any other. */
export const feedFormat = 2;

/** All claims about one package. Stored as a `PackageRecord`. */
export interface ShardLine {
  package: string;
  claims: ShardClaim[];
  /** For a binary package that was built from several sources: their names, sorted. Their lines may contain claims about it. */
  sources?: readonly string[];
  /** Number of the vendor's statements about it that could not be read. Absent: none. */
  unread?: number;
  /** The first few of them. */
  unreadRecords?: readonly UnreadRecord[];
}

/**
 * A claim and the vulnerabilities it applies to. Fields with their default value are omitted: severity `unknown`, subject
 * `source`, evidence 0. `evidence` is an index into the platform's `evidence` table in the manifest.
 */
export interface ShardClaim extends Omit<Claim, 'evidence' | 'severity'> {
  severity?: Claim['severity'];
  evidence?: number;
  /** Vulnerability ids in natural order of year and number. */
  ids: string[];
}

/** A compiled platform. Shard and OVAL are both written from it, so that they cannot differ. */
export interface PlatformIndex {
  platform: Platform;
  source: string;
  updated: string;
  /** Date of the newest data in the feed. */
  created?: string;
  /** Sorted by package in code units; claims in the compiler's fixed order. */
  lines: readonly ShardLine[];
  evidence: readonly string[];
  roster?: Roster;
  /** See PlatformData.binaries. */
  binaries?: ReadonlyMap<string, readonly string[]>;
  /** See PlatformData.ownDespiteSuffix. */
  ownDespiteSuffix?: readonly string[];
  marks: readonly string[];
  vulnerability(id: string): Vulnerability | undefined;
  advisory(id: string): Advisory | undefined;
  /** The severity of a vulnerability by others than the distribution. */
  rating?(id: string): OutsideRating | undefined;
}

/**
 * `index/NAME.offsets.json`: first key, byte offset and sha256 of every block of a sorted line file, so that a reader
 * finds, reads and verifies only the blocks it needs.
 */
export interface OffsetIndex {
  /** Lines per block; the last one may have fewer. */
  every: number;
  keys: string[];
  offsets: number[];
  sha256: string[];
}

/** A document (or archive of documents) that a feed was built from. */
export interface FeedInput {
  /** Short name that evidence refers to: `debian-tracker`, `debian-dsa`. */
  id: string;
  source: string;
  url: string;
  sha256: string;
  size: number;
  /** Newest date in the document itself, ISO 8601 UTC. Absent if it has none. Never a server's date. */
  date?: string;
  /** The publisher's version identifier: the model of EPSS scores, the number of a catalog. */
  version?: string;
  /** The vendor signs this document, but this copy has no signature, and the build was allowed to accept that. */
  unsigned?: true;
  /** Error code for which a newer version was rejected. The feed was built from the last good version. */
  refused?: string;
}

/** The marks of a platform that was made from these inputs. */
export function inputMarks(inputs: readonly Pick<FeedInput, 'unsigned' | 'refused'>[]): string[] {
  return [
    ...(inputs.some(({ unsigned }) => unsigned) ? ['unsigned_input'] : []),
    ...(inputs.some(({ refused }) => refused) ? ['last_good_input'] : []),
  ];
}

/** A file of a feed. */
export interface FeedOutput {
  path: string;
  sha256: string;
  size: number;
}

/**
 * Obstacle to redistributing what is made of a source's data. `unclear`: its publisher states no terms of use; `restricted`:
 * its licence does not allow it.
 */
export type SourceTerms = 'unclear' | 'restricted';

/** Record counts of one source: records = used + dropped. */
export interface FeedSource {
  id: string;
  name: string;
  licence: string;
  attribution: string;
  /** `publish` leaves out its platforms unless --accept-terms names it. */
  terms?: SourceTerms;
  /** Days within which it usually has newer data about each release that is supported. Absent: not known. */
  usualDays?: number;
  records: number;
  used: number;
  dropped: number;
  /** Error code for which the source could not be updated. Its platforms are built from its last good inputs, or absent. */
  failed?: string;
  findings: FindingSummary[];
}

/** A platform of a feed, with the date of its data and its support phases. */
export interface FeedPlatform extends Platform {
  source: string;
  /** Date of the newest input with statements on this platform, ISO 8601 UTC. */
  updated: string;
  packages: number;
  statements: number;
  /** Number of statements by status. */
  status: Partial<Record<Status, number>>;
  evidence: string[];
  /**
   * True if `index/PLATFORM.roster.txt` lists every source that the suite ships. A package in neither it nor the shard was never
   * shipped by the vendor and is not covered. False if the vendor publishes no such list.
   */
  roster: boolean;
  /** Sources that belong to this suite although their version has another release's suffix. */
  ownDespiteSuffix?: string[];
  marks?: string[];
  /** Gates of the last publication that held newer data back, each with its first finding. Absent if there were none. */
  held?: HeldGate[];
}

/** A mark of a platform whose newer data a gate held back; the day follows. */
export const heldMark = 'held_back_since_';

/** Mark of a platform whose source was readable but has had no update for longer than its usual interval. */
export function frozenMark(usualDays: number): string {
  return `source_frozen_over_${usualDays}_days`;
}

/** A gate that held newer data back. */
export interface HeldGate {
  gate: string;
  /** The gate's result. */
  found: string;
}

/** `manifest.json`, the root of a feed. It contains the digests of all other files. */
export interface Manifest {
  format: typeof feedFormat;
  tool: { name: 'scapfeed'; version: string };
  /** Date of the newest input, or SOURCE_DATE_EPOCH. Not the time of the build or a server's time. */
  created: string;
  inputs: FeedInput[];
  sources: FeedSource[];
  platforms: FeedPlatform[];
  outputs: FeedOutput[];
  /** Benchmarks, sorted by path. Absent if the feed contains none. */
  content?: FeedContent[];
  /** Rating sources that decide a severity, in order of precedence, unless a scan chooses others. Default: `ratingSources`. */
  severityFrom?: readonly RatingSource[];
  /** Gates that a person overrode when publishing, with the reason. */
  accepted?: AcceptedGate[];
}

/** A gate that was overridden, and the reason. */
export interface AcceptedGate {
  gate: string;
  platform: string;
  /** The gate's result. */
  found: string;
  reason: string;
}

/** Line of `index/PLATFORM.binaries.jsonl`: the binaries of a source that claims are about, by name. */
export interface BinariesRecord {
  source: string;
  /** Those with the version of their source. */
  binaries: string[];
  /** Those with versions of their own, with which a source's version cannot be compared. */
  apart?: string[];
}

/** Names of the VEX repositories that a feed carries: their archives are the inputs `vex-NAME`. */
export function vexRepositories({ inputs }: Pick<Manifest, 'inputs'>): string[] {
  return inputs.flatMap(({ source, id }) =>
    source === 'vex' && !id.includes('.') ? [id.slice('vex-'.length)] : [],
  );
}
