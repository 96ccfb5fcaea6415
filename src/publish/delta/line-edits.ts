import { compareIds } from '../../compile/order.ts';
import type { ShardClaim, ShardLine } from '../../model/index.ts';
import { readLines } from '../feed/lines.ts';

/**
 * A changed line of a sorted line file: its key and null (dropped), its new text, or edits of its claims.
 * Lines that are not named stay as they are.
 */
export type LineEdit = [key: string, change: null | string | ClaimEdits];

/** Edits of one package's claims; places are indexes into the old (`-`, `~`) and the new (`+`) list. */
export interface ClaimEdits {
  '-'?: number[];
  /** Of a claim that stays: places of the ids that go, and the ids that come. */
  '~'?: [claim: number, drop: number[], add: string[]][];
  '+'?: [place: number, claim: ShardClaim][];
}

export function lineEdits(before: Buffer, after: Buffer, path: string): LineEdit[] {
  const edits: LineEdit[] = [];
  const old = readLines(before, path);
  const now = readLines(after, path);
  let at = 0;
  for (const line of now) {
    for (; at < old.length && old[at]!.key < line.key; at++) edits.push([old[at]!.key, null]);
    const known = at < old.length && old[at]!.key === line.key ? old[at++] : undefined;
    if (known && before.compare(after, line.start, line.end, known.start, known.end) === 0) continue;
    const text = after.toString('utf8', line.start, line.end);
    const change = known && claimEdits(before.toString('utf8', known.start, known.end), text);
    edits.push([line.key, change ?? text]);
  }
  for (; at < old.length; at++) edits.push([old[at]!.key, null]);
  return edits;
}

/** Reverse of lineEdits. Throws RangeError for edits that do not fit the file. */
export function applyLineEdits(before: Buffer, path: string, edits: readonly LineEdit[]): Buffer {
  const old = readLines(before, path);
  const pieces: Buffer[] = [];
  let at = 0;
  let copied = 0;
  const copyTo = (end: number) => {
    if (end > copied) pieces.push(before.subarray(copied, end));
    copied = end;
  };
  for (const [key, change] of edits) {
    at = firstAtOrAfter(old, key, at);
    const line = old[at];
    const known = line?.key === key ? line : undefined;
    copyTo(line ? line.start : before.length);
    if (known) copied = known.end + 1;
    else if (typeof change !== 'string') throw new RangeError(`no line ${key} to change`);
    if (change === null) continue;
    const text =
      typeof change === 'string'
        ? change
        : applyClaimEdits(before.toString('utf8', known!.start, known!.end), change);
    pieces.push(Buffer.from(`${text}\n`));
  }
  copyTo(before.length);
  return Buffer.concat(pieces);
}

function firstAtOrAfter(lines: readonly { key: string }[], key: string, from: number): number {
  let low = from;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lines[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Undefined where edits would not give the line back byte for byte, or the line has no claims. */
function claimEdits(before: string, after: string): ClaimEdits | undefined {
  if (!before.startsWith('{"package"')) return undefined;
  const edits = editsOf((JSON.parse(before) as ShardLine).claims, (JSON.parse(after) as ShardLine).claims);
  const text = JSON.stringify(edits);
  return text.length < after.length && applyClaimEdits(before, edits) === after ? edits : undefined;
}

function editsOf(old: readonly ShardClaim[], now: readonly ShardClaim[]): ClaimEdits {
  const places = new Map(old.map((claim, at) => [withoutIds(claim), at]));
  const kept = new Set<number>();
  const changed: NonNullable<ClaimEdits['~']> = [];
  const added: NonNullable<ClaimEdits['+']> = [];
  for (const [at, claim] of now.entries()) {
    const from = places.get(withoutIds(claim));
    if (from === undefined || kept.has(from)) {
      added.push([at, claim]);
      continue;
    }
    kept.add(from);
    const change = idEdits(old[from]!.ids, claim.ids);
    if (change) changed.push([from, ...change]);
  }
  const dropped = [...old.keys()].filter((at) => !kept.has(at));
  return {
    ...(dropped.length > 0 ? { '-': dropped } : {}),
    ...(changed.length > 0 ? { '~': changed } : {}),
    ...(added.length > 0 ? { '+': added } : {}),
  };
}

function idEdits(old: readonly string[], now: readonly string[]): [number[], string[]] | undefined {
  const before = new Set(old);
  const after = new Set(now);
  const drop = [...old.keys()].filter((at) => !after.has(old[at]!));
  const add = now.filter((id) => !before.has(id));
  return drop.length > 0 || add.length > 0 ? [drop, add] : undefined;
}

function applyClaimEdits(text: string, edits: ClaimEdits): string {
  const line = JSON.parse(text) as ShardLine;
  const claims = line.claims;
  for (const [at, drop, add] of edits['~'] ?? []) {
    const claim = claims[at];
    if (!claim) throw new RangeError(`no claim ${at} to change`);
    const gone = new Set(drop);
    claim.ids = [...claim.ids.filter((_, place) => !gone.has(place)), ...add].sort(compareIds);
  }
  const dropped = new Set(edits['-'] ?? []);
  const result = claims.filter((_, at) => !dropped.has(at));
  for (const [place, claim] of edits['+'] ?? []) result.splice(place, 0, claim);
  return JSON.stringify({ ...line, claims: result });
}

function withoutIds({ ids: _, ...claim }: ShardClaim): string {
  return JSON.stringify(claim);
}
