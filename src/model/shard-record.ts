import type { ShardClaim, ShardLine } from './feed.ts';

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
export type OwnField = 'fixed' | 'range' | 'channelFix' | 'advisories' | 'module' | 'evidence';

/** Key of the line of kinds. */
export const kindsKey = '!kinds';
