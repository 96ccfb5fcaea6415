import type { ShardClaim } from '../../../model/index.ts';
import type { Selection } from '../../../oval/forms/rows.ts';
import { compareRpmEvr } from '../../../packaging/rpm/version.ts';

/** A claim and whether it stands under the binary's own name or under its source's. */
export interface RpmClaim {
  claim: ShardClaim;
  binary: boolean;
  /** It stands under another source than that of the installed build: of less weight than its own source's. */
  otherSource?: true;
  /** The package whose line the claim stands in. */
  name: string;
  /** Which version of an installed package its fix is compared with. */
  field: VersionField;
}

/** The package's own EVR, or version and release of its source rpm, which has no epoch. */
export type VersionField = 'own' | 'source';

/** EVR; of a source its epoch is 0 on both sides. */
export interface Limit {
  field: VersionField;
  below: string;
}

/** For builds of one kind: true below a limit, or wherever the package is present. */
export interface RpmOutcome {
  selection: Selection;
  /** True below it; undefined: presence alone. */
  limit: Limit | undefined;
  claim: ShardClaim;
  /** A fix of the build's own stream is a version of the other field: both together cannot be asked, so it is left out. */
  mixed?: true;
}

/** Minors from `from` to `to`, whose builds are all judged alike; `to` undefined: and every later one. */
export interface MinorRange {
  from: number;
  to: number | undefined;
}

export interface RangeOutcome extends MinorRange {
  outcome: RpmOutcome | undefined;
}

/**
 * The runtime's choice among RHEL's streams (verdict-rules 0.3), said for whole ranges of minors instead of one build.
 * `own`: the build's own release names the minor; else the image's counts. The image is on the main channel.
 */
export function outcomesByMinor(rows: readonly RpmClaim[], own: boolean): RangeOutcome[] {
  const outcomes: RangeOutcome[] = [];
  for (const { from, to } of minorRanges(rows)) {
    const outcome = outcomeOf(rows, from, own);
    const last = outcomes.at(-1);
    if (last && sameOutcome(last.outcome, outcome)) last.to = to;
    else outcomes.push({ from, to, outcome });
  }
  return outcomes;
}

export function sameOutcome(a: RpmOutcome | undefined, b: RpmOutcome | undefined): boolean {
  if (a?.selection !== b?.selection || a?.claim !== b?.claim || a?.mixed !== b?.mixed) return false;
  return a?.limit?.field === b?.limit?.field && a?.limit?.below === b?.limit?.below;
}

/** What holds where neither the build nor the image tells a minor. */
export function outcomeWithoutMinor(rows: readonly RpmClaim[]): RpmOutcome | undefined {
  return outcomeOf(rows, undefined, false);
}

/** Every minor that a row names is a range of its own, and so is each gap between: rows compare by order and equality. */
function minorRanges(rows: readonly RpmClaim[]): MinorRange[] {
  const named = [...new Set(rows.flatMap(({ claim }) => claim.minor ?? []))].sort((a, b) => a - b);
  const ranges: MinorRange[] = [];
  let next = 0;
  for (const minor of named) {
    if (next < minor) ranges.push({ from: next, to: minor - 1 });
    ranges.push({ from: minor, to: minor });
    next = minor + 1;
  }
  ranges.push({ from: next, to: undefined });
  return ranges;
}

function outcomeOf(
  rows: readonly RpmClaim[],
  minor: number | undefined,
  own: boolean,
): RpmOutcome | undefined {
  const main = rows.filter(({ claim }) => claim.channel === undefined);
  const other = rows.filter(({ claim }) => claim.channel !== undefined);
  const outcome = mainOutcome(main, other, minor, own);
  const reached = own ? ownStreamFixes(rows, minor) : [];
  if (!outcome || reached.length === 0) return outcome;
  const all = outcome.limit ? [outcome.limit, ...reached] : reached;
  if (all.some(({ field }) => field !== all[0]!.field)) return { ...outcome, mixed: true };
  return { ...outcome, limit: all.reduce(lower) };
}

/** A build of an extended channel is fixed from its own stream's fix on, where main never had one for that minor. */
function ownStreamFixes(rows: readonly RpmClaim[], minor: number | undefined): Limit[] {
  const own = rows.filter(({ claim }) => claim.status === 'fixed' && claim.minor === minor);
  if (own.some(({ claim }) => claim.channel === undefined)) return [];
  return own.map(limitOf);
}

function mainOutcome(
  main: readonly RpmClaim[],
  other: readonly RpmClaim[],
  minor: number | undefined,
  own: boolean,
): RpmOutcome | undefined {
  if (main.some(({ claim, binary }) => isExcepted(claim, binary, minor, own))) return undefined;
  const fix = fixFor(main.filter(isFix), minor);
  if (fix) return { selection: 'fixed', ...fix };
  const open = nearest(
    main.filter((row) => !isFix(row)),
    minor,
  );
  if (open?.claim.status !== 'affected') return undefined;
  const named = other.filter((row) => isFix(row) && row.name === open.name);
  const elsewhere = open.claim.fixState === 'other_channel' ? fixFor(named, minor) : undefined;
  return { selection: 'unfixed', limit: elsewhere?.limit, claim: open.claim };
}

/** Not affected in just this minor, or a binary that is an exception to its source's rows. */
function isExcepted(
  { status, minor: rowMinor }: ShardClaim,
  binary: boolean,
  minor: number | undefined,
  own: boolean,
): boolean {
  if (status !== 'not_affected') return false;
  return rowMinor === undefined ? binary : own && rowMinor === minor;
}

function isFix({ claim }: RpmClaim): boolean {
  return claim.status === 'fixed';
}

/** The lowest minor at or above the build's that has a fix, else the highest; of several rows there, the most asked for. */
function fixFor(
  fixes: readonly RpmClaim[],
  minor: number | undefined,
): { limit: Limit; claim: ShardClaim } | undefined {
  const minors = fixes.map(minorOf);
  const later = fixes
    .filter(({ claim }) => minor !== undefined && claim.minor !== undefined && claim.minor >= minor)
    .map(minorOf);
  const chosen = later.length > 0 ? Math.min(...later) : Math.max(...minors);
  const rows = fixes.length === 1 ? fixes : fixes.filter((row) => minorOf(row) === chosen);
  let highest: { limit: Limit; claim: ShardClaim } | undefined;
  for (const row of mostTelling(rows)) {
    const limit = limitOf(row);
    if (!highest || compareRpmEvr(highest.limit.below, limit.below) === -1)
      highest = { limit, claim: row.claim };
  }
  return highest;
}

/** The binary's own rows, else its source's, else another source's: of one kind, and so of one field. */
function mostTelling(rows: readonly RpmClaim[]): readonly RpmClaim[] {
  const binary = rows.filter((row) => row.binary);
  if (binary.length > 0) return binary;
  const source = rows.filter(({ otherSource }) => !otherSource);
  return source.length > 0 ? source : rows;
}

function limitOf({ claim: { fixed }, field }: RpmClaim): Limit {
  const evr = fixed!;
  return { field, below: field === 'own' ? evr : `0:${evr.slice(evr.indexOf(':') + 1)}` };
}

/** Among unfixed rows: the very minor, else the whole major, else the lowest later minor, else the highest. */
function nearest(rows: readonly RpmClaim[], minor: number | undefined): RpmClaim | undefined {
  const rank = ({ claim: { minor: rowMinor } }: RpmClaim) => {
    if (rowMinor === undefined) return 1;
    if (rowMinor === minor) return 0;
    return rowMinor > (minor ?? 0) ? 2 + rowMinor : 1000 - rowMinor;
  };
  const best = Math.min(...rows.map(rank));
  const near = rows.filter((row) => rank(row) === best);
  return near.find(({ binary }) => binary) ?? near[0];
}

function minorOf({ claim }: RpmClaim): number {
  return claim.minor ?? -1;
}

function lower(a: Limit, b: Limit): Limit {
  return compareRpmEvr(a.below, b.below) === 1 ? b : a;
}
