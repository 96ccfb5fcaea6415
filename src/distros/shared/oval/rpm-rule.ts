import type { ShardClaim } from '../../../model/feed/index.ts';
import type { Selection } from '../../../oval/forms/rows.ts';
import { compareRpmEvr } from '../../../packaging/rpm/version.ts';
import type { Flavour } from '../../rebuilds.ts';
import { flavourOf } from '../rule/flavour.ts';
import type { VersionLine } from '../rule/lines.ts';
import type { RpmVendor } from '../rule/origin.ts';
import {
  type BuildStream,
  type ImageStreams,
  type RowKind,
  type StreamRow,
  streamThreshold,
} from '../rule/threshold.ts';

/** A claim, and how it relates to the judged package. */
export interface RpmClaim extends StreamRow {
  claim: ShardClaim;
  kind: ShardClaim;
  /** The version of an installed package that its fix is compared with. */
  field: VersionField;
}

/** The package's own EVR, or version and release of its source rpm, which has no epoch. */
export type VersionField = 'own' | 'source';

/** A claim in the line of a package. */
export function rpmClaim(claim: ShardClaim, name: string, kind: RowKind, field: VersionField): RpmClaim {
  return { claim, kind: claim, place: { name, kind }, field };
}

/** True if two lists have the same claims in the same relations. */
export function haveSameClaims(a: readonly RpmClaim[], b: readonly RpmClaim[]): boolean {
  return a.length === b.length && a.every((row, at) => isSameRow(row, b[at]!));
}

function isSameRow(a: RpmClaim, b: RpmClaim): boolean {
  return (
    a.claim === b.claim &&
    a.kind === b.kind &&
    a.field === b.field &&
    a.place.name === b.place.name &&
    a.place.kind === b.place.kind
  );
}

/** Rows that judge the same builds, by module and flavour. */
export function kindsOfBuilds(
  rows: readonly RpmClaim[],
  { flavours }: Pick<RpmVendor, 'flavours'>,
): { module: string | undefined; rows: readonly RpmClaim[] }[] {
  const flavour = ({ claim }: RpmClaim) => flavourOf(claim.fixed ?? '', flavours);
  const kinds = Map.groupBy(rows, (row) => JSON.stringify([row.claim.module, flavour(row)]));
  return [...kinds.values()].map((own) => ({ module: own[0]!.claim.module, rows: own }));
}

/** Of a vendor with flavours: what keeps the builds of others from an outcome. */
export function flavourLimit(
  { claim }: RpmOutcome,
  { flavours }: Pick<RpmVendor, 'flavours'>,
): { flavour?: { fixed: string; of: readonly Flavour[] } } {
  return flavours ? { flavour: { fixed: claim.fixed ?? '', of: flavours } } : {};
}

/** Claims of one line of versions, as if of one stream; without lines, all of them. */
export function ofLine(rows: readonly RpmClaim[], line: VersionLine | undefined): readonly RpmClaim[] {
  return rows
    .filter(({ claim }) => line === undefined || line.channels.has(claim.channel))
    .map((row): RpmClaim => {
      const { channel: _, ...kind } = row.kind;
      return { ...row, kind };
    });
}

/** EVR; for a source its epoch is 0 on both sides. */
export interface Limit {
  field: VersionField;
  below: string;
}

/** A test for builds of one kind: true below a limit, or if the package is present. */
export interface RpmOutcome {
  selection: Selection;
  /** True below it; undefined: presence alone. */
  limit: Limit | undefined;
  claim: ShardClaim;
  /** The fix of the build's own stream is for the other version field; one test cannot compare both, so it is left out. */
  mixed?: true;
}

/** Minors from `from` to `to`, whose builds are judged in the same way; `to` undefined: and every later one. */
export interface MinorRange {
  from: number;
  to: number | undefined;
}

export interface RangeOutcome extends MinorRange {
  outcome: RpmOutcome | undefined;
}

/**
 * The thresholds of builds for whole ranges of minors. `own`: the build's own release names the minor; otherwise the image's
 * is used. The image is on the main channel.
 */
export function outcomesByMinor(rows: readonly RpmClaim[], own: boolean): RangeOutcome[] {
  const outcomes: RangeOutcome[] = [];
  for (const { from, to } of minorRanges(rows)) {
    const outcome = outcomeOf(rows, { minor: from, own });
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

/** The outcome if neither the build nor the image has a minor. */
export function outcomeWithoutMinor(rows: readonly RpmClaim[]): RpmOutcome | undefined {
  return outcomeOf(rows, { minor: undefined, own: false });
}

/** Every minor in a row is a range of its own, and so is each gap between them: rows compare by order and equality. */
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

const onMain: ImageStreams = { minor: undefined, channels: new Set(), pinned: false };

/** The threshold as a test: a build that has reached no fix is below the lowest one. */
function outcomeOf(rows: readonly RpmClaim[], build: BuildStream): RpmOutcome | undefined {
  const { fixes, below } = streamThreshold(rows, build, onMain) ?? {};
  if (!fixes || below?.status !== 'affected') return undefined;
  const selection = below.fixState === 'available' ? 'fixed' : 'unfixed';
  const { claim } = below.row;
  const limits = fixes.map(limitOf);
  const [first, ...more] = limits;
  if (more.some(({ field }) => field !== first!.field))
    return { selection, limit: below.fix && limitOf(below.fix), claim, mixed: true };
  return { selection, limit: first && more.reduce(lower, first), claim };
}

function limitOf({ claim: { fixed }, field }: RpmClaim): Limit {
  const evr = fixed!;
  return { field, below: field === 'own' ? evr : `0:${evr.slice(evr.indexOf(':') + 1)}` };
}

function lower(a: Limit, b: Limit): Limit {
  return compareRpmEvr(a.below, b.below) === 1 ? b : a;
}
