import {
  type ClaimKind,
  type PackageRecord,
  ScapfeedError,
  type ShardClaim,
  type ShardLine,
  type StoredClaim,
  type StoredIds,
} from '../model/index.ts';

/** What the lines of packages refer to. */
export interface ShardTables {
  readonly kinds: readonly ClaimKind[];
  /** Numbers of a shared list by its key; undefined: there is none. */
  list(key: string): readonly number[] | undefined;
}

/** A package's line with all that it refers to. */
export function shardLine(record: PackageRecord, tables: ShardTables): ShardLine {
  return { ...record, claims: record.claims.map((claim) => shardClaim(claim, tables)) };
}

export function shardClaim(claim: StoredClaim, tables: ShardTables): ShardClaim {
  const { kind, ids, ...own } = claim;
  return { ...kindOf(claim, tables), ...own, ids: claimIds(ids, tables) };
}

export function kindOf({ kind }: Pick<StoredClaim, 'kind'>, { kinds }: ShardTables): ClaimKind {
  return kinds[kind] ?? dangling(`kind ${kind}`);
}

/** Ids in natural order of year and number, then those that are not CVE ids. */
export function claimIds(ids: StoredIds, tables: ShardTables): string[] {
  const all: string[] = [];
  for (const year in ids) {
    if (year === 'other') continue;
    const stored = ids[year as `${number}`]!;
    const numbers = typeof stored === 'string' ? (tables.list(stored) ?? dangling(`list ${stored}`)) : stored;
    const start = `CVE-${year}-`;
    for (const number of numbers) all.push(start + (number < 1000 ? padded(number) : number));
  }
  if (ids.other) for (const id of ids.other) all.push(id);
  return all;
}

function padded(number: number): string {
  return String(number).padStart(4, '0');
}

function dangling(what: string): never {
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: `a claim names ${what}, which the shard does not have`,
    remedy: 'build or pull the feed again; this copy must not be used',
  });
}
