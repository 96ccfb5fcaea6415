import { claimIds, kindOf, type ShardTables } from '../../feed/read/shard-records.ts';
import type { ClaimKind, StoredClaim } from '../../model/feed/index.ts';
import type { JudgedClaim } from './match-source.ts';
import { type Installed, outcomeOf, plainTerm, type Term } from './threshold.ts';

/**
 * The common case: one row without a channel for each vulnerability, whose term is the threshold. Most rows are of what is
 * fixed, which nobody asks for: they are passed over by comparing alone.
 */
export function judgePlainRows(
  claims: readonly StoredClaim[],
  tables: ShardTables,
  installed: Installed,
  all: boolean,
  termOf: (kind: ClaimKind, claim: StoredClaim) => Term = plainTerm,
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
          below = installed(fixed) === -1;
        }
        if (!below) continue;
      }
    }
    const outcome = outcomeOf(termOf(kind, claim), installed);
    if (all || outcome.status !== 'fixed')
      judged.push({ kind, claim, outcome, ids: claimIds(claim.ids, tables) });
  }
  return judged;
}
