import { compareCodeUnits, type Status } from '../../../../model/index.ts';
import type { MergeNotes, SourcedRow } from './sourced-row.ts';

/**
 * Rows of one family that name no fix. A fix beats an unversioned `affected` of its stream (the documents list both,
 * CVE-2026-7323, CVE-2023-2454); of two that contradict each other in one stream the newer document stands.
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

/** Whether a fix makes the row void. A binary's `not_affected` is an exception to its source's fix and stays. */
function settles(fix: SourcedRow, row: SourcedRow): boolean {
  if (row.status === 'not_affected' && (row.subject !== fix.subject || row.name !== fix.name)) return false;
  const { channel, minor } = row.stream;
  const main = fix.stream.channel === undefined;
  if (channel === undefined) {
    if (!main) return false;
    return row.status !== 'not_affected' || minor === undefined || minor === fix.stream.minor;
  }
  if (fix.stream.channel === channel) return minor === fix.stream.minor || minor === undefined;
  // A minor's extended stream begins as its main one, and ELS as the last minor's: what is fixed there is fixed here.
  return main && !channel.startsWith('cpe:') && (channel === 'els' || minor === fix.stream.minor);
}

// Of documents of one age the saying that leaves a user less exposed comes first.
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

/** The vex-feed names minors where the legacy tree speaks of the major: what says the same is said once. */
function isRepeated(row: SourcedRow, byScope: ReadonlyMap<string, SourcedRow>): boolean {
  if (row.stream.minor === undefined || row.stream.channel !== undefined) return false;
  const general = byScope.get(`${row.subject} ${row.name} undefined undefined`);
  return general !== undefined && sameSaying(general, row) && general.severity === row.severity;
}
