import { compareCodeUnits, type Status } from '../../../model/index.ts';
import type { MergeNotes, SourcedRow } from './sourced-row.ts';

/**
 * Rows of one family without a fix. A fix replaces an unversioned `affected` of its stream (documents list both,
 * CVE-2026-7323, CVE-2023-2454). Of two contradicting rows in one stream the newer document's is used.
 */
export function settleUnfixed(
  rows: readonly SourcedRow[],
  fixes: readonly SourcedRow[],
  notes: MergeNotes,
): SourcedRow[] {
  const open = rows.filter((row) => {
    const fix = fixes.find((candidate) => settles(candidate, row));
    if (fix)
      notes.lose(row, row.status === 'not_affected' ? 'not_affected_beside_fix' : 'affected_beside_fix', fix);
    return !fix;
  });
  const byScope = new Map<string, SourcedRow>();
  for (const row of open.sort(newestFirst)) {
    const { minor, channel } = row.stream;
    const key = `${row.subject} ${row.name} ${minor} ${channel}`;
    const known = byScope.get(key);
    if (!known) byScope.set(key, row);
    else if (!sameSaying(known, row)) notes.lose(row, 'contradicted', known);
  }
  return [...byScope.values()].filter((row) => !isRepeated(row, byScope));
}

/** True if a fix replaces the row. A binary's `not_affected` is an exception to its source's fix and stays. */
function settles(fix: SourcedRow, row: SourcedRow): boolean {
  if (row.status === 'not_affected' && (row.subject !== fix.subject || row.name !== fix.name)) return false;
  const { channel, minor } = row.stream;
  const main = fix.stream.channel === undefined;
  if (channel === undefined) {
    if (!main) return false;
    return row.status !== 'not_affected' || minor === undefined || minor === fix.stream.minor;
  }
  if (fix.stream.channel === channel) return minor === fix.stream.minor || minor === undefined;
  // A minor's extended stream begins as a copy of its main one, and ELS as a copy of the last minor's, so fixes there apply.
  return main && !channel.startsWith('cpe:') && (channel === 'els' || minor === fix.stream.minor);
}

// Of documents of one age the safer status for the user comes first.
const caution: readonly Status[] = ['affected', 'under_investigation', 'not_affected'];

function newestFirst(a: SourcedRow, b: SourcedRow): number {
  const left = a.document;
  const right = b.document;
  if (left.updated !== right.updated) return left.updated > right.updated ? -1 : 1;
  if (a.status !== b.status) return caution.indexOf(a.status) - caution.indexOf(b.status);
  const leftText = `${left.tree} ${left.path} ${a.fixState}`;
  const rightText = `${right.tree} ${right.path} ${b.fixState}`;
  return compareCodeUnits(leftText, rightText);
}

function sameSaying(a: SourcedRow, b: SourcedRow): boolean {
  return a.status === b.status && a.fixState === b.fixState;
}

/** The vex-feed names minors where the legacy tree names the major: equal statements are kept once. */
function isRepeated(row: SourcedRow, byScope: ReadonlyMap<string, SourcedRow>): boolean {
  if (row.stream.minor === undefined || row.stream.channel !== undefined) return false;
  const general = byScope.get(`${row.subject} ${row.name} undefined undefined`);
  return general !== undefined && sameSaying(general, row) && general.severity === row.severity;
}
