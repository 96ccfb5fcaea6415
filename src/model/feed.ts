import type { FindingSummary } from './finding.ts';
import type { Platform } from './platform.ts';
import type { Roster } from './roster.ts';
import type { Claim, Status } from './statement.ts';
import type { Advisory, Vulnerability } from './vulnerability.ts';

/** Format of everything in a feed. A reader refuses any other number. */
export const feedFormat = 2;

/** All that the vendor says of one package. On disk it is a `PackageRecord`. */
export interface ShardLine {
  package: string;
  claims: ShardClaim[];
  /** Of a binary package that the vendor has built from several sources: their names, sorted. Its rows may stand there. */
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

/** A platform as the compiler made it: what the shard and the OVAL writers both read, so that they cannot differ. */
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
  marks: readonly string[];
  vulnerability(id: string): Vulnerability | undefined;
  advisory(id: string): Advisory | undefined;
}

/**
 * `index/NAME.offsets.json`: of every block of a sorted line file its first key, its byte offset and its sha256, so that
 * a reader finds, reads and verifies only the blocks it needs.
 */
export interface OffsetIndex {
  /** Lines a block; the last one may have fewer. */
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
  /** Date of the newest thing that the document itself says, ISO 8601 UTC; absent: it carries no date. Never a server's. */
  date?: string;
  /** The vendor signs this document; this copy came without a signature, which the build was told to accept. */
  unsigned?: true;
  /** A newer version was refused for this error code: the feed was made of the last good one. */
  refused?: string;
}

/** The marks of a platform that was made of these inputs. */
export function inputMarks(inputs: readonly Pick<FeedInput, 'unsigned' | 'refused'>[]): string[] {
  return [
    ...(inputs.some(({ unsigned }) => unsigned) ? ['unsigned_input'] : []),
    ...(inputs.some(({ refused }) => refused) ? ['last_good_input'] : []),
  ];
}

export interface FeedOutput {
  path: string;
  sha256: string;
  size: number;
}

/** The account of one source: records = used + dropped. */
export interface FeedSource {
  id: string;
  name: string;
  licence: string;
  attribution: string;
  records: number;
  used: number;
  dropped: number;
  /** Error code: the source could not be brought up to date. Its platforms are of its last good inputs, or absent. */
  failed?: string;
  findings: FindingSummary[];
}

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
   * True: `index/PLATFORM.roster.txt` names every source the suite ships; a package in neither it nor the shard was
   * never the vendor's, and is not covered. False: the vendor gives no such list.
   */
  roster: boolean;
  /** Sources whose own version in this suite carries another release's suffix: not strangers here. */
  ownDespiteSuffix?: string[];
  marks?: string[];
}

/** `manifest.json`: the root of a feed; every other file is reached and checked through it. */
export interface Manifest {
  format: typeof feedFormat;
  tool: { name: 'scapfeed'; version: string };
  /** Date of the newest input, or SOURCE_DATE_EPOCH; no clock of the build or of a server. */
  created: string;
  inputs: FeedInput[];
  sources: FeedSource[];
  platforms: FeedPlatform[];
  outputs: FeedOutput[];
  /** Gates before publishing that a person let this feed pass, with the reason given. */
  accepted?: AcceptedGate[];
}

export interface AcceptedGate {
  gate: string;
  platform: string;
  /** What the gate had found. */
  found: string;
  reason: string;
}

/** Line of `index/vulnerabilities.jsonl` and `index/advisories.jsonl`. */
export type VulnerabilityLine = Vulnerability;
export type AdvisoryLine = Advisory;
