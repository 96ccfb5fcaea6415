/** The description of a document, as a list of facts in reading order. */
export interface DocumentInfo {
  /** For example `SCAP source data stream`, `OVAL definitions`. */
  kind: string;
  facts: { name: string; value: string }[];
  profiles: { id: string; title: string; rules?: number }[];
  /** Counts by name: definitions by class, results by result. */
  counts: Record<string, number>;
}
