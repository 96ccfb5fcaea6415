import type { Claim, Ledger, RecordSubject, Severity } from '../../model/feed/index.ts';
import { compareDpkg, parseDpkgVersion } from '../../packaging/index.ts';
import type { TrackerPair, TrackerRow } from './tracker.ts';

/** A claim without evidence and advisories, which are added for all in the same way. */
export type RowClaim = Omit<Claim, 'evidence' | 'advisories'>;

/**
 * Converts a tracker row to a claim (docs/debian.md has the table). Undefined: the row is dropped to the ledger.
 * Meaning of the fields: https://security-team.debian.org/security_tracker.html
 */
export function claimOf(
  row: TrackerRow,
  pair: TrackerPair,
  place: string,
  about: RecordSubject,
  ledger: Ledger,
): RowClaim | undefined {
  switch (row.status) {
    case 'resolved':
      return resolved(row, place, about, ledger);
    case 'open':
      return staleNote(row, pair, place, ledger) ?? open(row, place, ledger);
    case 'undetermined':
      return { status: 'under_investigation', reason: 'nobody_looked', ...rating(row, place, ledger) };
    default:
      ledger.drop('unknown_status', place, row.status.slice(0, 80), 1, about);
      return undefined;
  }
}

function resolved(
  row: TrackerRow,
  place: string,
  about: RecordSubject,
  ledger: Ledger,
): RowClaim | undefined {
  const { fixedVersion } = row;
  if (fixedVersion === undefined) {
    ledger.drop('fixed_version_missing', place, undefined, 1, about);
    return undefined;
  }
  // The exporter writes `<not-affected>` as version 0 with urgency `unimportant`, which is not a rating.
  if (fixedVersion === '0') {
    return { status: 'not_affected', reason: 'vulnerable_code_not_present', severity: 'unknown' };
  }
  if (!parseDpkgVersion(fixedVersion)) {
    ledger.drop('absurd_version', `${place}/fixed_version`, fixedVersion.slice(0, 80), 1, about);
    return undefined;
  }
  return { status: 'fixed', fixed: fixedVersion, ...rating(row, place, ledger) };
}

/**
 * A no-dsa note may stay after the release got the fix in another way: the version that fixed sid is then not newer than
 * the version in the release (CVE-2020-8631 in buster).
 */
function staleNote(row: TrackerRow, pair: TrackerPair, place: string, ledger: Ledger): RowClaim | undefined {
  if (row.nodsaReason === undefined) return undefined;
  const sid = pair.rows.find(({ release }) => release === 'sid');
  const fix = sid?.status === 'resolved' ? sid.fixedVersion : undefined;
  if (fix === undefined || fix === '0') return undefined;
  const arrived = row.versions.some((version) => {
    const order = compareDpkg(fix, version);
    return order !== undefined && order <= 0;
  });
  if (!arrived) return undefined;
  ledger.doubt('stale_note', place, `sid is fixed by ${fix}, which the release has`);
  return { status: 'fixed', fixed: fix, ...rating(row, place, ledger), marks: ['stale_note'] };
}

function open(row: TrackerRow, place: string, ledger: Ledger): RowClaim {
  if (row.fixedVersion !== undefined)
    ledger.doubt('fixed_version_of_open', place, row.fixedVersion.slice(0, 80));
  const rated = rating(row, place, ledger);
  if (row.urgency?.trim().toLowerCase() === 'end-of-life') {
    return { status: 'affected', fixState: 'end_of_life', reason: 'package', ...rated };
  }
  switch (row.nodsaReason) {
    case undefined:
      return { status: 'affected', fixState: 'none_yet', ...rated };
    case '':
      return { status: 'affected', fixState: 'none_yet', reason: 'minor', ...rated };
    case 'postponed':
      return { status: 'affected', fixState: 'fix_deferred', ...rated };
    case 'ignored':
      return { status: 'affected', fixState: 'will_not_fix', ...rated };
    default:
      ledger.doubt('unknown_nodsa_reason', place, row.nodsaReason.slice(0, 80));
      return { status: 'affected', fixState: 'none_yet', ...rated };
  }
}

const severityOfUrgency: Readonly<Record<string, Severity>> = {
  high: 'high',
  medium: 'medium',
  low: 'low',
  unimportant: 'negligible',
  'end-of-life': 'unknown',
  'not yet assigned': 'unknown',
};

/** Asterisks marked ratings that older exports took from the NVD. */
function rating(row: TrackerRow, place: string, ledger: Ledger): Pick<RowClaim, 'severity' | 'suppressed'> {
  const urgency = (row.urgency ?? 'not yet assigned')
    .replace(/(?<!\*)\*+$/, '')
    .trim()
    .toLowerCase();
  const severity = Object.hasOwn(severityOfUrgency, urgency) ? severityOfUrgency[urgency] : undefined;
  if (severity === undefined) ledger.doubt('unknown_urgency', place, urgency.slice(0, 80));
  return { severity: severity ?? 'unknown', ...(urgency === 'unimportant' && { suppressed: 'unimportant' }) };
}
