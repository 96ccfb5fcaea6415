import type { ShardClaim } from '../model/index.ts';
import { compareRpmEvr } from '../versions/rpm.ts';
import type { Selection } from './rows.ts';

/** A claim and whether it stands under the binary's own name or under its source's. */
export interface RpmClaim {
  claim: ShardClaim;
  binary: boolean;
  /** The package whose line the claim stands in. */
  name: string;
}

/** For builds of one kind: true below a limit, or wherever the package is present. */
export interface RpmOutcome {
  selection: Selection;
  /** EVR as the claim writes it; undefined: presence alone. */
  below: string | undefined;
  claim: ShardClaim;
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
  return a?.selection === b?.selection && a?.below === b?.below && a?.claim === b?.claim;
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

function outcomeOf(rows: readonly RpmClaim[], minor: number, own: boolean): RpmOutcome | undefined {
  const main = rows.filter(({ claim }) => claim.channel === undefined);
  const other = rows.filter(({ claim }) => claim.channel !== undefined);
  const outcome = mainOutcome(main, other, minor, own);
  const reached = own ? ownStreamFix(rows, minor) : undefined;
  if (!outcome || reached === undefined) return outcome;
  return { ...outcome, below: outcome.below === undefined ? reached : lower(outcome.below, reached) };
}

/** A build of an extended channel is fixed from its own stream's fix on, where main never had one for that minor. */
function ownStreamFix(rows: readonly RpmClaim[], minor: number): string | undefined {
  const own = rows.filter(({ claim }) => claim.status === 'fixed' && claim.minor === minor);
  if (own.some(({ claim }) => claim.channel === undefined)) return undefined;
  return own
    .map(({ claim }) => claim.fixed!)
    .reduce<string | undefined>((a, b) => (a === undefined ? b : lower(a, b)), undefined);
}

function mainOutcome(
  main: readonly RpmClaim[],
  other: readonly RpmClaim[],
  minor: number,
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
  return { selection: 'unfixed', below: elsewhere?.below, claim: open.claim };
}

/** Not affected in just this minor, or a binary that is an exception to its source's rows. */
function isExcepted(
  { status, minor: rowMinor }: ShardClaim,
  binary: boolean,
  minor: number,
  own: boolean,
): boolean {
  if (status !== 'not_affected') return false;
  return rowMinor === undefined ? binary : own && rowMinor === minor;
}

function isFix({ claim }: RpmClaim): boolean {
  return claim.status === 'fixed';
}

/** The lowest minor at or above the build's that has a fix, else the highest; of several rows there, the most asked for. */
function fixFor(fixes: readonly RpmClaim[], minor: number): { below: string; claim: ShardClaim } | undefined {
  const minors = fixes.map(minorOf);
  const later = fixes.filter(({ claim }) => claim.minor !== undefined && claim.minor >= minor).map(minorOf);
  const chosen = later.length > 0 ? Math.min(...later) : Math.max(...minors);
  const rows = fixes.length === 1 ? fixes : fixes.filter((row) => minorOf(row) === chosen);
  const binary = rows.filter((row) => row.binary);
  let highest: ShardClaim | undefined;
  for (const { claim } of binary.length > 0 ? binary : rows) {
    if (!highest || compareRpmEvr(highest.fixed!, claim.fixed!) === -1) highest = claim;
  }
  return highest && { below: highest.fixed!, claim: highest };
}

/** Among unfixed rows: the very minor, else the whole major, else the lowest later minor, else the highest. */
function nearest(rows: readonly RpmClaim[], minor: number): RpmClaim | undefined {
  const rank = ({ claim: { minor: rowMinor } }: RpmClaim) => {
    if (rowMinor === undefined) return 1;
    if (rowMinor === minor) return 0;
    return rowMinor > minor ? 2 + rowMinor : 1000 - rowMinor;
  };
  const best = Math.min(...rows.map(rank));
  const near = rows.filter((row) => rank(row) === best);
  return near.find(({ binary }) => binary) ?? near[0];
}

function minorOf({ claim }: RpmClaim): number {
  return claim.minor ?? -1;
}

function lower(a: string, b: string): string {
  return compareRpmEvr(a, b) === 1 ? b : a;
}
