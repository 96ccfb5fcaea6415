import {
  type ClaimKind,
  type KindsRecord,
  kindsKey,
  type ListRecord,
  type PackageRecord,
  type ShardClaim,
  type ShardLine,
  type StoredClaim,
} from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { KeyedText } from './line-file.ts';

// A shorter list costs more to look up than to repeat.
const shortestShared = 12;

/**
 * The lines of a shard, sorted by key. They are computed from the packages' lines only, so that a client can make the same
 * bytes again: a delta has changed claims, not changed tables.
 */
export function shardRecords(lines: readonly ShardLine[]): KeyedText[] {
  if (lines.length === 0) return [];
  const kinds = new Kinds(lines);
  const lists = new SharedLists(lines);
  const packages = lines.map(
    (line): KeyedText => ({ key: line.package, text: packageText(line, kinds, lists) }),
  );
  const table: KindsRecord = { table: kindsKey, kinds: kinds.all };
  const records = [
    { key: kindsKey, text: JSON.stringify(table) },
    ...lists.shared.map((record) => ({ key: record.list, text: JSON.stringify(record) })),
    ...packages,
  ];
  return records.sort((a, b) => compareCodeUnits(a.key, b.key));
}

/** Indexes of claims' kinds, and claims' ids with keys in place of shared lists. */
export interface KindPlaces {
  at(claim: ShardClaim): number;
}
export interface ListKeys {
  refer(ids: readonly string[]): string[];
}

function packageText(line: ShardLine, kinds: KindPlaces, lists: ListKeys): string {
  const claims = line.claims.map((claim) => storedClaim(claim, kinds, lists));
  return JSON.stringify({ ...line, claims } satisfies PackageRecord);
}

/** A claim in the form of its package's line. */
export function storedClaim(claim: ShardClaim, kinds: KindPlaces, lists: ListKeys): StoredClaim {
  const { fixed, range, channelFix, advisories, module, imports, evidence } = claim;
  return {
    kind: kinds.at(claim),
    ...(fixed === undefined ? {} : { fixed }),
    ...(range === undefined ? {} : { range }),
    ...(channelFix === undefined ? {} : { channelFix }),
    ...(advisories === undefined ? {} : { advisories }),
    ...(module === undefined ? {} : { module }),
    ...(imports === undefined ? {} : { imports }),
    ...(evidence === undefined ? {} : { evidence }),
    ids: lists.refer(claim.ids),
  };
}

/** All kinds of claims, the most used first. */
class Kinds implements KindPlaces {
  readonly all: ClaimKind[];
  readonly #places: ReadonlyMap<string, number>;

  constructor(lines: readonly ShardLine[]) {
    const uses = new Map<string, number>();
    for (const { claims } of lines) {
      for (const claim of claims) {
        const kind = kindText(claim);
        uses.set(kind, (uses.get(kind) ?? 0) + 1);
      }
    }
    const texts = [...uses.keys()].sort((a, b) => uses.get(b)! - uses.get(a)! || compareCodeUnits(a, b));
    this.all = texts.map((text) => JSON.parse(text) as ClaimKind);
    this.#places = new Map(texts.map((text, at) => [text, at]));
  }

  at(claim: ShardClaim): number {
    return this.#places.get(kindText(claim))!;
  }
}

/** The fields of a kind as a key. */
export function kindText(claim: ShardClaim): string {
  const { fixed, range, channelFix, advisories, module, imports, evidence, ids, ...kind } = claim;
  return JSON.stringify(kind satisfies ClaimKind);
}

/** Lists of ids of one year that occur more than once are stored once, under a key. */
class SharedLists implements ListKeys {
  /** Lists that are referred to, in the order of their first use. */
  readonly shared: ListRecord[] = [];
  readonly #uses = new Map<string, number>();
  readonly #keys = new Map<string, string>();

  constructor(lines: readonly ShardLine[]) {
    for (const { claims } of lines) {
      for (const { ids } of claims) {
        for (const list of longYears(ids)) this.#uses.set(list, (this.#uses.get(list) ?? 0) + 1);
      }
    }
  }

  /** Returns the ids with keys in place of shared lists. */
  refer(ids: readonly string[]): string[] {
    return withKeys(ids, (list) => this.#keyOf(list));
  }

  #keyOf(ids: readonly string[]): string | undefined {
    const list = ids.join();
    if (this.#uses.get(list)! < 2) return undefined;
    let key = this.#keys.get(list);
    if (key === undefined) {
      key = `#${this.shared.length}`;
      this.#keys.set(list, key);
      this.shared.push({ list: key, ids: [...ids] });
    }
    return key;
  }
}

/** Returns the ids, with the key of each year's list that has one. */
export function withKeys(
  ids: readonly string[],
  keyOf: (list: readonly string[]) => string | undefined,
): string[] {
  if (ids.length < shortestShared) return [...ids];
  return byYear(ids).flatMap((list) => (list.length < shortestShared ? undefined : keyOf(list)) ?? list);
}

function longYears(ids: readonly string[]): string[] {
  if (ids.length < shortestShared) return [];
  return byYear(ids)
    .filter((list) => list.length >= shortestShared)
    .map((list) => list.join());
}

/** Splits ids by year: kernels that differ in one flaw still share the other years. */
function byYear(ids: readonly string[]): string[][] {
  const lists: string[][] = [];
  let year = '';
  for (const id of ids) {
    const own = id.slice(0, 'CVE-2024'.length);
    if (own !== year) lists.push([]);
    year = own;
    lists.at(-1)!.push(id);
  }
  return lists;
}
