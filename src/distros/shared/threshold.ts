import type { ClaimKind, StoredClaim, Verdict } from '../../model/index.ts';
import { compareDpkgText, type DpkgVersion } from '../../packaging/deb/version.ts';

/** What is said of an installed version. */
export type Outcome = Pick<Verdict, 'status' | 'fixState' | 'fixedVersion' | 'channel'>;

/** A claim without regard to what is installed: fixed from a version on, if it names one, and else this. */
export interface Term {
  fixed?: string;
  /** What every version is that has not reached it. */
  otherwise: Pick<Verdict, 'status' | 'fixState'>;
  /** The channel that `otherwise` sends to, and that the fix is of. */
  channel?: string;
}

/** What of a claim a term is made of, besides what it shares with others. */
export type ClaimVersions = Pick<StoredClaim, 'fixed' | 'channelFix'>;

/** The claim of a release without channels: fixed from its version on; without a fix what it says, whatever is installed. */
export function plainTerm({ status, fixState }: ClaimKind, { fixed }: ClaimVersions): Term {
  if (status === 'fixed') return { fixed: fixed!, otherwise: { status: 'affected', fixState: 'available' } };
  return { otherwise: { status, ...(fixState && { fixState }) } };
}

/** What rows of one vulnerability say of builds of one kind, whichever version is installed. */
export interface Threshold<T extends Term> {
  /** A version that has reached any of these is fixed, by the first of them that it has. */
  fixes: readonly T[];
  /** Every other version is what this term says otherwise. */
  below: T;
}

/**
 * One threshold of several terms, since builds of channels cannot be told apart: below all of the fixes one that is within
 * reach is told before one in another channel, and that before what is open; of equals the first.
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

/** The term that decides on an installed version, and what it says of it. */
export function decide<T extends Term>(
  { fixes, below }: Threshold<T>,
  version: DpkgVersion,
): { by: T; outcome: Outcome } {
  const by = fixes.find((term) => hasReached(term, version)) ?? below;
  return { by, outcome: outcomeOf(by, version) };
}

/** What a term alone says of an installed version. */
export function outcomeOf(term: Term, version: DpkgVersion): Outcome {
  const { fixed, otherwise, channel } = term;
  const known = { ...(fixed !== undefined && { fixedVersion: fixed }), ...(channel && { channel }) };
  return hasReached(term, version) ? { status: 'fixed', ...known } : { ...otherwise, ...known };
}

function hasReached({ fixed }: Term, version: DpkgVersion): boolean {
  return fixed !== undefined && compareDpkgText(version, fixed) !== -1;
}
