import type { DocumentRecord, Row } from '../parse/record.ts';

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
