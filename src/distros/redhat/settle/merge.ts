import type { Row, Tree } from '../record.ts';
import { settleFixes } from './fixes.ts';
import { inferBase } from './infer.ts';
import type { MergeNotes, SourcedRow } from './sourced-row.ts';
import { settleUnfixed } from './unfixed.ts';

/**
 * Merges the rows of all trees for one vulnerability so that they do not contradict each other (docs/redhat.md). Rows are
 * compared within a family: platform, source package and module.
 */
export function mergeRows(rows: readonly SourcedRow[], notes: MergeNotes): SourcedRow[] {
  const kept: SourcedRow[] = [];
  const vexSpeaks = rows.some((row) => isVex(row.document.tree));
  for (const family of families(withoutEchoes(rows, notes))) {
    if (family.length === 1 && family[0]!.status !== 'fixed') {
      kept.push(family[0]!);
      continue;
    }
    const fixes = settleFixes(family.filter(isFix), notes);
    const unfixed = family.filter((row) => !isFix(row));
    const others = settleUnfixed(unfixed, fixes, notes);
    // An erratum is about its own products only: that it does not mention the base proves nothing.
    const base = vexSpeaks ? inferBase(fixes, others, notes) : [];
    kept.push(...fixes, ...others, ...base);
  }
  return kept;
}

function isFix(row: Row): boolean {
  return row.status === 'fixed';
}

/** An erratum's statements without a fix are copies of VEX on its day; VEX is current, so they are dropped. */
function withoutEchoes(rows: readonly SourcedRow[], notes: MergeNotes): SourcedRow[] {
  const vex = rows.find((row) => isVex(row.document.tree));
  if (!vex) return [...rows];
  return rows.filter((row) => {
    const echo = !isVex(row.document.tree) && !isFix(row);
    if (echo) notes.lose(row, 'said_by_vex');
    return !echo;
  });
}

function isVex(tree: Tree): boolean {
  return tree !== 'redhat-advisories';
}

/** Rows by platform, source package and module, in the order of their first row. */
function families(rows: readonly SourcedRow[]): SourcedRow[][] {
  const byKey = new Map<string, SourcedRow[]>();
  for (const row of rows) {
    const key = `${row.stream.platform} ${row.source} ${row.module ?? ''}`;
    const family = byKey.get(key);
    if (family) family.push(row);
    else byKey.set(key, [row]);
  }
  return [...byKey.values()];
}
