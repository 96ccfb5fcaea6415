import type { ShardClaim, ShardLine } from './feed.ts';

/**
 * Line of `index/PLATFORM.jsonl`, sorted by the value of its first field in code units. What many claims share stands
 * once: their kinds in one line at the top, long lists of numbers below it, then a line for each package.
 */
export type ShardRecord = KindsRecord | ListRecord | PackageRecord;

/** What claims of a shard are: all of a claim but versions, advisories and vulnerabilities. The commonest first. */
export interface KindsRecord {
  table: typeof kindsKey;
  kinds: ClaimKind[];
}

/** Numbers of vulnerabilities of one year that several claims have in common: kernels' flaws, mostly. */
export interface ListRecord {
  /** `#12`: no package of dpkg or rpm has such a name. */
  list: string;
  numbers: number[];
}

export interface PackageRecord extends Omit<ShardLine, 'claims'> {
  claims: StoredClaim[];
}

/** Fields of a claim that are its own; all others are its kind's. */
export interface StoredClaim extends Pick<ShardClaim, OwnField> {
  /** Index into the kinds. */
  kind: number;
  ids: StoredIds;
}

export type ClaimKind = Omit<ShardClaim, OwnField | 'ids'>;

type OwnField = 'fixed' | 'channelFix' | 'advisories' | 'module' | 'evidence';

/**
 * Vulnerabilities of a claim: numbers of CVE ids by year (`CVE-2024-0012` is 12 of 2024), or the key of the list that has
 * them; below `other` every id that is not written so.
 */
export interface StoredIds {
  [year: `${number}`]: number[] | string;
  other?: string[];
}

/** Key of the line of kinds. */
export const kindsKey = '!kinds';
