import {
  type ClaimKind,
  type KindsRecord,
  kindsKey,
  type ListRecord,
  type PackageRecord,
  type ShardClaim,
  type ShardLine,
  type StoredClaim,
  type StoredIds,
} from '../model/index.ts';
import type { KeyedLine } from './line-file.ts';
import { compareCodeUnits } from './order.ts';

// A shorter list costs more to look up than to repeat.
const shortestShared = 12;

/**
 * The lines of a shard, sorted by key. They follow from the packages' lines alone, so that whoever has these can make
 * the same bytes again: a delta says what changed in claims, not what that did to the tables.
 */
export function shardRecords(lines: readonly ShardLine[]): KeyedLine[] {
  if (lines.length === 0) return [];
  const kinds = new Kinds(lines);
  const lists = new SharedLists();
  const packages = lines.map((line) => packageRecord(line, kinds, lists));
  const table: KindsRecord = { table: kindsKey, kinds: kinds.all };
  const records: KeyedLine[] = [{ key: kindsKey, text: JSON.stringify(table) }];
  for (const record of packages) {
    lists.refer(record);
    records.push({ key: record.package, text: JSON.stringify(record) });
  }
  for (const record of lists.shared) records.push({ key: record.list, text: JSON.stringify(record) });
  return records.sort((a, b) => compareCodeUnits(a.key, b.key));
}

function packageRecord(line: ShardLine, kinds: Kinds, lists: SharedLists): PackageRecord {
  return { ...line, claims: line.claims.map((claim) => storedClaim(claim, kinds, lists)) };
}

function storedClaim(claim: ShardClaim, kinds: Kinds, lists: SharedLists): StoredClaim {
  const { fixed, channelFix, advisories, module, evidence } = claim;
  return {
    kind: kinds.at(claim),
    ...(fixed === undefined ? {} : { fixed }),
    ...(channelFix === undefined ? {} : { channelFix }),
    ...(advisories === undefined ? {} : { advisories }),
    ...(module === undefined ? {} : { module }),
    ...(evidence === undefined ? {} : { evidence }),
    ids: lists.idsByYear(claim.ids),
  };
}

/** All kinds of claims in the order of their use. */
class Kinds {
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

function kindText(claim: ShardClaim): string {
  const { fixed, channelFix, advisories, module, evidence, ids, ...kind } = claim;
  return JSON.stringify(kind satisfies ClaimKind);
}

/** Numbers of ids by year; a long list of them that occurs again stands once, under a key of its own. */
class SharedLists {
  /** Lists that references were made to, in the order of their first use. */
  readonly shared: ListRecord[] = [];
  /** Equal lists are one array. */
  readonly #known = new Map<string, number[]>();
  readonly #uses = new Map<number[], number>();
  readonly #keys = new Map<number[], string>();

  idsByYear(ids: readonly string[]): StoredIds {
    const years: Record<string, number[]> = {};
    const other: string[] = [];
    for (const id of ids) {
      const year = yearOf(id);
      if (year === undefined) other.push(id);
      else if (years[year]) years[year].push(Number(id.slice(9)));
      else years[year] = [Number(id.slice(9))];
    }
    for (const year of Object.keys(years)) years[year] = this.#intern(years[year]!);
    return other.length === 0 ? years : { ...years, other };
  }

  /** Puts keys in place of the lists that occur more than once, after all have been counted. */
  refer({ claims }: PackageRecord): void {
    for (const { ids } of claims) {
      for (const year of Object.keys(ids) as `${number}`[]) {
        const key = this.#keyOf(ids[year] as number[]);
        if (key !== undefined) ids[year] = key;
      }
    }
  }

  #intern(numbers: number[]): number[] {
    if (numbers.length < shortestShared) return numbers;
    const text = numbers.join();
    const known = this.#known.get(text) ?? numbers;
    this.#known.set(text, known);
    this.#uses.set(known, (this.#uses.get(known) ?? 0) + 1);
    return known;
  }

  #keyOf(numbers: number[]): string | undefined {
    if ((this.#uses.get(numbers) ?? 0) < 2) return undefined;
    let key = this.#keys.get(numbers);
    if (key === undefined) {
      key = `#${this.shared.length}`;
      this.#keys.set(numbers, key);
      this.shared.push({ list: key, numbers });
    }
    return key;
  }
}

/** The year of an id that its number gives back: CVE-2024-00012 is none. */
function yearOf(id: string): string | undefined {
  return /^CVE-([1-9]\d{3})-(?:\d{4}|[1-9]\d{4,14})$/.exec(id)?.[1];
}
