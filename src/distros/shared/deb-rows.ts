import { claimIds, kindOf, type ShardTables } from '../../feed/read/shard-records.ts';
import type { ClaimKind, StoredClaim } from '../../model/index.ts';
import { compareDpkgText, type DpkgVersion } from '../../packaging/deb/version.ts';
import type { JudgedClaim, Outcome } from './match-deb.ts';

/** What one row says of an installed version. */
export type RowOutcome = (kind: ClaimKind, claim: StoredClaim, version: DpkgVersion) => Outcome;

/**
 * The common case: one row without a channel for each vulnerability. Most rows are of what is fixed, which nobody asks
 * for: they are passed over by comparing alone.
 */
export function judgePlainRows(
  claims: readonly StoredClaim[],
  tables: ShardTables,
  version: DpkgVersion,
  all: boolean,
  outcomeOf: RowOutcome = plainOutcome,
): JudgedClaim[] {
  const judged: JudgedClaim[] = [];
  // Claims of the same fix follow each other.
  let fixed: string | undefined;
  let below = false;
  for (const claim of claims) {
    const kind = kindOf(claim, tables);
    if (kind.channel !== undefined) continue;
    if (!all) {
      if (kind.status === 'not_affected') continue;
      if (kind.status === 'fixed') {
        if (claim.fixed !== fixed) {
          fixed = claim.fixed!;
          below = compareDpkgText(version, fixed) === -1;
        }
        if (!below) continue;
      }
    }
    const outcome = outcomeOf(kind, claim, version);
    if (all || outcome.status !== 'fixed')
      judged.push({ kind, claim, outcome, ids: claimIds(claim.ids, tables) });
  }
  return judged;
}

/** Fixed from the claim's version on; without a fix what the claim says, whatever is installed. */
export function plainOutcome(
  { status, fixState }: ClaimKind,
  { fixed }: StoredClaim,
  version: DpkgVersion,
): Outcome {
  if (status === 'fixed') return outcomeOfFix(version, fixed!, 'available');
  return { status, ...(fixState && { fixState }) };
}

/** A build that has reached the fix is fixed, whichever channel it is from. */
export function outcomeOfFix(
  version: DpkgVersion,
  fixed: string,
  below: 'available' | 'other_channel',
  channel?: string,
): Outcome {
  const known = { fixedVersion: fixed, ...(channel && { channel }) };
  if (compareDpkgText(version, fixed) !== -1) return { status: 'fixed', ...known };
  return { status: 'affected', fixState: below, ...known };
}
