import type { ShardClaim, ShardLine } from './feed.ts';

/**
 * Line of `index/PLATFORM.jsonl`, sorted by the value of its first field in code units. What many claims share stands
 * once: their kinds in one line at the top, long lists of vulnerabilities below it, then a line for each package.
 */
export type ShardRecord = KindsRecord | ListRecord | PackageRecord;

/** What claims of a shard are: all of a claim but versions, advisories and vulnerabilities. The commonest first. */
export interface KindsRecord {
  table: typeof kindsKey;
  kinds: ClaimKind[];
}

/** Vulnerabilities of one year that several claims have in common: kernels' flaws, mostly. */
export interface ListRecord {
  /** `#12`: neither an id nor a name of a package begins so. */
  list: string;
  ids: string[];
}

export interface PackageRecord extends Omit<ShardLine, 'claims'> {
  claims: StoredClaim[];
}

/** Fields of a claim that are its own; all others are its kind's. */
export interface StoredClaim extends Pick<ShardClaim, OwnField> {
  /** Index into the kinds. */
  kind: number;
  /** Vulnerability ids in natural order; the key of a list stands for its ids. */
  ids: string[];
}

export type ClaimKind = Omit<ShardClaim, OwnField | 'ids'>;

type OwnField = 'fixed' | 'channelFix' | 'advisories' | 'module' | 'evidence';

/** Key of the line of kinds. */
export const kindsKey = '!kinds';
