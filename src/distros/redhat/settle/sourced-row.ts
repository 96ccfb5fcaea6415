import type { DocumentRecord, Row } from '../record.ts';

/** A row and its source document. */
export interface SourcedRow extends Row {
  document: Pick<DocumentRecord, 'tree' | 'path' | 'updated'>;
  /** The document is the last good version of one that can no longer be read. */
  stale: boolean;
  /** Concluded, not in a document: see infer.ts. */
  inferred?: true;
  /** The fix in the channel named by `reason`; for inferred rows only. */
  channelFix?: string;
  /** Other architectures of this stream have another fix. */
  archMatters?: true;
}

/** Called for every row that becomes no statement, or one with a doubt; `other` is the row that superseded it. */
export interface MergeNotes {
  lose(row: SourcedRow, reason: string, other?: SourcedRow): void;
  doubt(row: SourcedRow, reason: string, other?: SourcedRow): void;
}
