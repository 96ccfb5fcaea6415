/** The raw bytes of one fetch, content-addressed. */
export interface Snapshot {
  /** Input id: `debian-tracker`. */
  id: string;
  source: string;
  url: string;
  sha256: string;
  size: number;
  /** ISO 8601 UTC. */
  fetched: string;
  etag?: string;
  lastModified?: string;
}

export interface SnapshotStore {
  /** Absolute path of the snapshot's bytes. */
  path(snapshot: Snapshot): string;
}
