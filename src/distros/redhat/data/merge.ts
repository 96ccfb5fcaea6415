import { inferBase } from './infer.ts';
import type { DocumentRecord, Row, Tree } from './record.ts';
import { settleFixes } from './settle-fixes.ts';
import { settleUnfixed } from './settle-unfixed.ts';

/** A row with the document that it came from. */
export interface SourcedRow extends Row {
  document: Pick<DocumentRecord, 'tree' | 'path' | 'updated'>;
  /** The document is the last good version of one that can no longer be read. */
  stale: boolean;
  /** No document says so: see infer.ts. */
  inferred?: true;
  /** The fix that the channel named by `reason` has; only of an inferred row. */
  channelFix?: string;
  /** Other architectures of this stream have another fix. */
  archMatters?: true;
}

/** Told of every row that becomes no statement, or that does with a doubt; `other` is the row it lost to. */
export interface MergeNotes {
  lose(row: SourcedRow, reason: string, other?: SourcedRow): void;
  doubt(row: SourcedRow, reason: string, other?: SourcedRow): void;
}

/**
 * All that the trees say of one vulnerability, as rows that do not contradict each other (guide redhat.md 4 as
 * corrected by verdict-rules 0.3 and 1). Rows are judged by family: platform, source package and module.
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
    // An erratum speaks of its own products only: its silence on the base says nothing.
    const base = vexSpeaks ? inferBase(fixes, others, notes) : [];
    kept.push(...fixes, ...others, ...base);
  }
  return kept;
}

function isFix(row: Row): boolean {
  return row.status === 'fixed';
}

/** An erratum's word on what it does not fix is a copy of what VEX said on its day: VEX speaks for today. */
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
