import { shardRecords } from '../../feed/compile/shard-records.ts';
import type { ShardClaim, ShardLine } from '../../model/feed/index.ts';
import { compareCodeUnits, compareIds } from '../../model/order.ts';
import { differingLines } from '../feed/shard.ts';

/** A package that changed: its name and null (dropped), its new line as JSON, or edits of its claims. */
export type PackageEdit = [name: string, change: null | string | ClaimEdits];

/** Edits of one package's claims; numbers are indexes into the old (`-`, `~`, `=`) and the new (`+`) list. */
export interface ClaimEdits {
  '-'?: number[];
  /** For a claim that stays: indexes of removed ids, and added ids. */
  '~'?: [claim: number, drop: number[], add: string[]][];
  /** For a claim that stays with another build: its index, the build, and its index in the new list if the order changes. */
  '='?: [claim: number, fixed: string, place?: number][];
  '+'?: [place: number, claim: ShardClaim][];
}

/** Returns the edits that turn the packages of one shard into those of another. */
export function shardEdits(before: readonly ShardLine[], after: readonly ShardLine[]): PackageEdit[] {
  return [...differingLines(before, after)].map(([old, now]): PackageEdit => {
    if (!now) return [old!.package, null];
    return [now.package, (old && claimEdits(old, now)) ?? JSON.stringify(now)];
  });
}

/**
 * Applies shardEdits and returns the new shard's packages. Edits are of claims, not of the shard's bytes, in which one new
 * list would change the key of every later list. @throws RangeError for edits that do not fit
 */
export function applyShardEdits(before: readonly ShardLine[], edits: readonly PackageEdit[]): ShardLine[] {
  const lines = new Map(before.map((line) => [line.package, line]));
  for (const [name, change] of edits) {
    const old = lines.get(name);
    if (!old && typeof change !== 'string') throw new RangeError(`no package ${name} to change`);
    if (change === null) lines.delete(name);
    else lines.set(name, typeof change === 'string' ? JSON.parse(change) : applyClaimEdits(old!, change));
  }
  return [...lines.values()].sort((a, b) => compareCodeUnits(a.package, b.package));
}

/** A shard's bytes, as the compiler writes them. */
export function shardContent(lines: readonly ShardLine[]): Buffer {
  return Buffer.from(
    shardRecords(lines)
      .map(({ text }) => `${text}\n`)
      .join(''),
  );
}

/** True if a claim is given by its new build: such edits are of format 3. */
export function hasNewBuilds([, change]: PackageEdit): boolean {
  return typeof change === 'object' && change?.['='] !== undefined;
}

/** Undefined if the whole line is shorter, or if more than claims changed. */
function claimEdits(old: ShardLine, now: ShardLine): ClaimEdits | undefined {
  const edits = editsOf(old.claims, now.claims);
  const whole = JSON.stringify(now);
  const shorter = JSON.stringify(edits).length < whole.length;
  return shorter && JSON.stringify(applyClaimEdits(old, edits)) === whole ? edits : undefined;
}

function editsOf(old: readonly ShardClaim[], now: readonly ShardClaim[]): ClaimEdits {
  const origins = originsOf(old, now);
  const stays = inOrder(origins, old, now);
  const changed: NonNullable<ClaimEdits['~']> = [];
  const rebuilt: NonNullable<ClaimEdits['=']> = [];
  const added: NonNullable<ClaimEdits['+']> = [];
  for (const [at, claim] of now.entries()) {
    const from = origins[at];
    if (from === undefined) {
      added.push([at, claim]);
      continue;
    }
    const ids = idEdits(old[from]!.ids, claim.ids);
    if (ids) changed.push([from, ...ids]);
    if (claim.fixed !== old[from]!.fixed)
      rebuilt.push(stays[at] ? [from, claim.fixed!] : [from, claim.fixed!, at]);
  }
  const kept = new Set(origins);
  const dropped = [...old.keys()].filter((at) => !kept.has(at));
  return {
    ...(dropped.length > 0 ? { '-': dropped } : {}),
    ...(changed.length > 0 ? { '~': changed } : {}),
    ...(rebuilt.length > 0 ? { '=': rebuilt } : {}),
    ...(added.length > 0 ? { '+': added } : {}),
  };
}

/**
 * By new claim, the index of the old one that it is, undefined for one that is new. A claim is the old one that differs in ids only;
 * else the one that differs in its build only; else in its build and in ids, of which the first is the same.
 */
function originsOf(old: readonly ShardClaim[], now: readonly ShardClaim[]): (number | undefined)[] {
  const origins: (number | undefined)[] = now.map(() => undefined);
  const taken = new Set<number>();
  for (const keyOf of [withoutIds, withoutBuild, withoutBuildAndIds]) {
    const free = new Map<string, number[]>();
    // From the end, since the first is taken first and `shift` moves all others.
    for (const [at, claim] of [...old.entries()].toReversed()) {
      const key = taken.has(at) ? undefined : keyOf(claim);
      if (key === undefined) continue;
      const others = free.get(key);
      if (others) others.push(at);
      else free.set(key, [at]);
    }
    for (const [at, claim] of now.entries()) {
      const key = origins[at] === undefined ? keyOf(claim) : undefined;
      const from = key === undefined ? undefined : free.get(key)?.pop();
      if (from === undefined) continue;
      origins[at] = from;
      taken.add(from);
    }
  }
  return origins;
}

/** By new claim, whether it stands between the same claims as before; one with its old build does in any shard of the compiler. */
function inOrder(
  origins: readonly (number | undefined)[],
  old: readonly ShardClaim[],
  now: readonly ShardClaim[],
): boolean[] {
  const isRebuilt = (at: number) => old[origins[at]!]!.fixed !== now[at]!.fixed;
  // The first old claim that a later one must stand before.
  const limits: number[] = [];
  let limit = old.length;
  for (let at = now.length - 1; at >= 0; at--) {
    limits[at] = limit;
    if (origins[at] !== undefined && !isRebuilt(at)) limit = Math.min(limit, origins[at]!);
  }
  let last = -1;
  return origins.map((from, at) => {
    if (from === undefined) return false;
    if (isRebuilt(at) && !(last < from && from < limits[at]!)) return false;
    last = Math.max(last, from);
    return true;
  });
}

function idEdits(old: readonly string[], now: readonly string[]): [number[], string[]] | undefined {
  const before = new Set(old);
  const after = new Set(now);
  const drop = [...old.keys()].filter((at) => !after.has(old[at]!));
  const add = now.filter((id) => !before.has(id));
  return drop.length > 0 || add.length > 0 ? [drop, add] : undefined;
}

function applyClaimEdits(line: ShardLine, edits: ClaimEdits): ShardLine {
  return { ...line, claims: editedClaims(line.claims, edits, plainClaims) };
}

/** Properties of a form of claims that edits need. */
export interface ClaimForm<C> {
  ids(claim: C): readonly string[];
  withIds(claim: C, ids: string[]): C;
  withBuild(claim: C, fixed: string): C;
  make(claim: ShardClaim): C;
}

const plainClaims: ClaimForm<ShardClaim> = {
  ids: ({ ids }) => ids,
  withIds: (claim, ids) => ({ ...claim, ids }),
  withBuild: (claim, fixed) => ({ ...claim, fixed }),
  make: (claim) => claim,
};

/** Returns the claims of a package after its edits. @throws RangeError for edits that do not fit */
export function editedClaims<C>(old: readonly C[], edits: ClaimEdits, form: ClaimForm<C>): C[] {
  const claims = [...old];
  const changed = new Set<number>();
  for (const [at, drop, add] of edits['~'] ?? []) {
    const claim = claims[at];
    if (!claim || changed.has(at)) throw new RangeError(`no claim ${at} to change`);
    changed.add(at);
    const gone = new Set(drop);
    const ids = form.ids(claim).filter((_, place) => !gone.has(place));
    claims[at] = form.withIds(claim, withAdded(ids, add));
  }
  const built = new Set<number>();
  const moved: Placed<C>[] = [];
  for (const [at, fixed, place] of edits['='] ?? []) {
    const claim = claims[at];
    if (!claim || built.has(at) || typeof fixed !== 'string')
      throw new RangeError(`no claim ${at} to build anew`);
    built.add(at);
    claims[at] = form.withBuild(claim, fixed);
    if (place !== undefined) moved.push([place, claims[at], at]);
  }
  const gone = new Set([...(edits['-'] ?? []), ...moved.map(([, , at]) => at)]);
  const kept = claims.filter((_, at) => !gone.has(at));
  const added = (edits['+'] ?? []).map(([place, claim]): Placed<C> => [place, form.make(claim)]);
  return merged(kept, moved.length > 0 ? [...added, ...moved].sort(([a], [b]) => a - b) : added);
}

/** A claim with its index in the new list, and that in the old one. */
type Placed<C> = [place: number, claim: C, from?: number];

/** Inserts claims at their indexes in the new list; the others keep their order. */
function merged<C>(kept: readonly C[], placed: readonly Placed<C>[]): C[] {
  const result: C[] = [];
  let next = 0;
  for (const [place, claim] of placed) {
    while (result.length < place && next < kept.length) result.push(kept[next++]!);
    result.push(claim);
  }
  for (; next < kept.length; next++) result.push(kept[next]!);
  return result;
}

/** With more new ids than this, all are sorted; inserting each would move all later ids. */
const fewIds = 64;

function withAdded(ids: string[], add: readonly string[]): string[] {
  if (add.length > fewIds) return [...ids, ...add].sort(compareIds);
  for (const id of add) ids.splice(placeOf(id, ids), 0, id);
  return ids;
}

/** Binary-search insertion point. Used to add a few ids to a large sorted list. */
function placeOf(id: string, ids: readonly string[]): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIds(ids[middle]!, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function withoutIds({ ids: _, ...claim }: ShardClaim): string {
  return JSON.stringify(claim);
}

/** Undefined for a claim without a build. */
function withoutBuild(claim: ShardClaim): string | undefined {
  return claim.fixed === undefined ? undefined : JSON.stringify({ ...claim, fixed: '' });
}

function withoutBuildAndIds(claim: ShardClaim): string | undefined {
  return withoutBuild({ ...claim, ids: claim.ids.slice(0, 1) });
}
