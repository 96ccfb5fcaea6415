import type { RatingSource } from './assessment.ts';
import type { FeedContent } from './feed-content.ts';
import type { FindingSummary } from './finding.ts';
import type { Platform } from './platform.ts';
import type { Roster } from './roster.ts';
import type { OutsideRating } from './severity-decision.ts';
import type { Claim, Status } from './statement.ts';
import type { Advisory, Vulnerability } from './vulnerability.ts';

/** Format number of a feed. Readers refuse any other. */
export const feedFormat = 2;

/** All claims about one package. On disk it is a `PackageRecord`. */
export interface ShardLine {
  package: string;
  claims: ShardClaim[];
  /** For a binary package that was built from several sources: their names, sorted. Their lines may have claims about it. */
  sources?: readonly string[];
}

/**
 * A claim with the vulnerabilities it holds for. Fields at their default are left out: severity `unknown`,
 * subject `source`, evidence 0. `evidence` is an index into the platform's `evidence` table in the manifest.
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

/** One document (or archive of documents) that a feed was made from. */
export interface FeedInput {
  /** Short name that evidence refers to: `debian-tracker`, `debian-dsa`. */
  id: string;
  source: string;
  url: string;
  sha256: string;
  size: number;
  /** Newest date in the document itself, ISO 8601 UTC; absent: it has none. Not a date of the server. */
  date?: string;
  /** The publisher's own name of this version: the model of EPSS scores, the number of a catalog. */
  version?: string;
  /** The vendor signs this document, but this copy has no signature, and the build was told to accept that. */
  unsigned?: true;
  /** Error code for which a newer version was refused; the feed was made from the last good one. */
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

/** Record counts of one source: records = used + dropped. */
export interface FeedSource {
  id: string;
  name: string;
  licence: string;
  attribution: string;
  /** Its publisher states no terms: `publish` leaves its platforms out unless --accept-terms names it. */
  terms?: 'unclear';
  records: number;
  used: number;
  dropped: number;
  /** Error code for which the source could not be updated. Its platforms are from its last good inputs, or absent. */
  failed?: string;
  findings: FindingSummary[];
}

/** A platform of a feed, with the date of its data and its support phases. */
export interface FeedPlatform extends Platform {
  source: string;
  /** Date of the newest input that has statements on this platform; ISO 8601 UTC. */
  updated: string;
  packages: number;
  statements: number;
  /** Statements by status. */
  status: Partial<Record<Status, number>>;
  evidence: string[];
  /**
   * True: `index/PLATFORM.roster.txt` names every source that the suite ships; a package in neither it nor the shard was
   * never shipped by the vendor, and is not covered. False: the vendor publishes no such list.
   */
  roster: boolean;
  /** Sources whose version in this suite has another release's suffix; they belong to this suite all the same. */
  ownDespiteSuffix?: string[];
  marks?: string[];
  /** The gates of the last publish that held newer data back, each with the first thing that it found; absent: none did. */
  held?: HeldGate[];
}

/** A mark of a platform whose newer data a gate held back; the day follows. */
export const heldMark = 'held_back_since_';

/** A gate that held newer data back. */
export interface HeldGate {
  gate: string;
  /** What the gate found. */
  found: string;
}

/** `manifest.json`, the root of a feed: it has the digests of all other files. */
export interface Manifest {
  format: typeof feedFormat;
  tool: { name: 'scapfeed'; version: string };
  /** Date of the newest input, or SOURCE_DATE_EPOCH; not the time of the build or of a server. */
  created: string;
  inputs: FeedInput[];
  sources: FeedSource[];
  platforms: FeedPlatform[];
  outputs: FeedOutput[];
  /** Benchmarks, by path; absent: the feed carries none. */
  content?: FeedContent[];
  /** Whose ratings decide a severity, in this order, unless a scan says otherwise; default `ratingSources`. */
  severityFrom?: readonly RatingSource[];
  /** Gates that a person overrode when publishing, with the reason given. */
  accepted?: AcceptedGate[];
}

/** A gate that was let pass, and why. */
export interface AcceptedGate {
  gate: string;
  platform: string;
  /** What the gate found. */
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

/** Line of `index/vulnerabilities.jsonl` and `index/advisories.jsonl`. */
export type VulnerabilityLine = Vulnerability;
export type AdvisoryLine = Advisory;
