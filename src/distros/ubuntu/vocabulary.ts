import type { Claim, Severity } from '../../model/feed/index.ts';

/** The content of a vendor's row, without severity, advisories and evidence. */
export type Saying = Pick<Claim, 'status' | 'fixed' | 'fixState' | 'reason'>;

/** Shared by hundreds of thousands of rows: must not be changed. */
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

/** Decisions precede states of work, because they do not change with the next triage. */
const weight: Readonly<Record<NonNullable<Claim['fixState']>, number>> = {
  other_channel: 0,
  none_yet: 1,
  fix_deferred: 2,
  end_of_life: 3,
  will_not_fix: 3,
};

/** Returns the more definite of two reasons for one unfixed row; of equals the first. */
export function settledReason(a: Saying | undefined, b: Saying | undefined): Saying | undefined {
  if (a?.fixState === undefined || b?.fixState === undefined) return a?.fixState === undefined ? b : a;
  if (weight[a.fixState] !== weight[b.fixState]) return weight[a.fixState] > weight[b.fixState] ? a : b;
  return a.reason === undefined && b.reason !== undefined ? b : a;
}

/** Ubuntu's priorities, which are its own rating of a flaw in its packages, not a CVSS band. */
const priorities: Readonly<Record<string, Severity>> = {
  untriaged: 'unknown',
  negligible: 'negligible',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
};

/** Severity of a priority; undefined for a word that is none. */
export function severityOfPriority(priority: string): Severity | undefined {
  const word = priority.trim().toLowerCase();
  return Object.hasOwn(priorities, word) ? priorities[word] : undefined;
}
