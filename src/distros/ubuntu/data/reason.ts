import type { Claim } from '../../../model/index.ts';

/** What one row of the vendor's says, apart from severity, advisories and evidence. */
export type Saying = Pick<Claim, 'status' | 'fixed' | 'fixState' | 'reason'>;

/** Sayings are shared by the hundred thousand: never to be altered. */
export const sayings = {
  open: { status: 'affected', fixState: 'none_yet' },
  unconfirmed: { status: 'affected', fixState: 'none_yet', reason: 'unconfirmed' },
  deferred: { status: 'affected', fixState: 'fix_deferred' },
  willNotFix: { status: 'affected', fixState: 'will_not_fix' },
  releaseEnded: { status: 'affected', fixState: 'end_of_life', reason: 'release' },
  outOfScope: { status: 'affected', fixState: 'end_of_life', reason: 'package' },
  notAffected: { status: 'not_affected', reason: 'vulnerable_code_not_present' },
  notShipped: { status: 'not_affected', reason: 'component_not_present' },
} as const satisfies Record<string, Saying>;

/** Decisions outrank states of work: they do not change with the next triage. */
const weight: Readonly<Record<NonNullable<Claim['fixState']>, number>> = {
  other_channel: 0,
  none_yet: 1,
  fix_deferred: 2,
  end_of_life: 3,
  will_not_fix: 3,
};

/** Of two reasons for one unfixed row, the more settled one; the first where both are alike. */
export function settledReason(a: Saying | undefined, b: Saying | undefined): Saying | undefined {
  if (a?.fixState === undefined || b?.fixState === undefined) return a?.fixState === undefined ? b : a;
  if (weight[a.fixState] !== weight[b.fixState]) return weight[a.fixState] > weight[b.fixState] ? a : b;
  return a.reason === undefined && b.reason !== undefined ? b : a;
}
