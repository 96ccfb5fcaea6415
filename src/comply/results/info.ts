/** What a document is, as a list of facts in the order in which they are read. */
export interface DocumentInfo {
  /** `SCAP source data stream`, `OVAL definitions` */
  kind: string;
  facts: { name: string; value: string }[];
  profiles: { id: string; title: string; rules?: number }[];
  /** Numbers by word: definitions by class, results by result. */
  counts: Record<string, number>;
}
