import type { ClaimKind, StoredClaim } from '../../model/feed/index.ts';
import type { Verdict } from '../../model/verdict/index.ts';

/** Compares an installed version with one that the compiler has checked: -1 is older. */
export type Installed = (fixed: string) => -1 | 0 | 1;

/** The outcome for an installed version. */
export type Outcome = Pick<Verdict, 'status' | 'fixState' | 'fixedVersion' | 'channel'>;

/** A claim without an installed version: fixed from a version on, if it names one, otherwise this outcome. */
export interface Term {
  fixed?: string;
  /** The outcome of every version below it. */
  otherwise: Pick<Verdict, 'status' | 'fixState'>;
  /** The channel of the fix, to which `otherwise` refers. */
  channel?: string;
}

/** The fields of a claim that a term is made from, besides its kind. */
export type ClaimVersions = Pick<StoredClaim, 'fixed' | 'channelFix'>;

/** A claim with what it shares with others. */
export interface ClaimRow {
  kind: ClaimKind;
  claim: ClaimVersions;
}

/** The outcome of a row, and the row. */
export interface RowTerm<R extends ClaimRow> extends Term {
  row: R;
}

/** The term of a claim without channels: fixed from its version on; without a fix its own status for every version. */
export function plainTerm({ status, fixState }: ClaimKind, { fixed }: ClaimVersions): Term {
  if (status === 'fixed') return { fixed: fixed!, otherwise: { status: 'affected', fixState: 'available' } };
  return { otherwise: { status, ...(fixState && { fixState }) } };
}

/** The row of one vulnerability that decides on a release without channels. */
export function plainThreshold<R extends ClaimRow>(rows: readonly R[]): Threshold<RowTerm<R>> | undefined {
  const plain = rows.filter(({ kind }) => kind.channel === undefined);
  return thresholdOf(plain.map((row) => ({ ...plainTerm(row.kind, row.claim), row })));
}

/** The outcome of the rows of one vulnerability for builds of one kind, for every installed version. */
export interface Threshold<T extends Term> {
  /** A version at or above any of these is fixed, by the first that it has reached. */
  fixes: readonly T[];
  /** For every other version, the outcome `otherwise` of this term. */
  below: T;
}

/**
 * Joins several terms to one threshold, for channels whose builds cannot be distinguished. Below all fixes, an available fix is
 * reported before one in another channel, and that before an open claim; of equals the first.
 */
export function thresholdOf<T extends Term>(terms: readonly T[]): Threshold<T> | undefined {
  const [first, ...more] = terms;
  if (!first) return undefined;
  const below = more.reduce((best, term) => (distance(term) < distance(best) ? term : best), first);
  return { fixes: terms.filter(({ fixed }) => fixed !== undefined), below };
}

function distance({ otherwise: { fixState } }: Term): number {
  return fixState === 'available' ? 0 : fixState === 'other_channel' ? 1 : 2;
}

/** The term that decides about an installed version, and its outcome. */
export function decide<T extends Term>(
  { fixes, below }: Threshold<T>,
  installed: Installed,
): { by: T; outcome: Outcome } {
  const by = fixes.find((term) => hasReached(term, installed)) ?? below;
  return { by, outcome: outcomeOf(by, installed) };
}

/** The outcome of one term for an installed version. */
export function outcomeOf(term: Term, installed: Installed): Outcome {
  const { fixed, otherwise, channel } = term;
  const known = { ...(fixed !== undefined && { fixedVersion: fixed }), ...(channel && { channel }) };
  return hasReached(term, installed) ? { status: 'fixed', ...known } : { ...otherwise, ...known };
}

function hasReached({ fixed }: Term, installed: Installed): boolean {
  return fixed !== undefined && installed(fixed) !== -1;
}
