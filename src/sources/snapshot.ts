/** The raw bytes of one fetch, content-addressed. */
export interface Snapshot {
  /** Input id: `debian-tracker`. */
  id: string;
  source: string;
  url: string;
  sha256: string;
  size: number;
  /** When these bytes were first fetched, ISO 8601 UTC; a later fetch of the same bytes leaves it. */
  fetched: string;
  etag?: string;
  /** The server's Last-Modified, ISO 8601 UTC. */
  lastModified?: string;
  /** The bytes are a listing of documents (one SetDocument a line), each of which is stored by its own digest. */
  set?: true;
  /** The vendor signs this document; here it came without a signature that could be checked. */
  unsigned?: true;
  /** Error code of the newest fetch, which refused a newer version: these bytes are the last good ones. */
  refused?: string;
}

/**
 * The facts of a snapshot that a build may use. The time of its fetch and the server's headers differ between machines, and must
 * not reach the feed.
 */
export type SourceInput = Omit<Snapshot, 'fetched' | 'etag' | 'lastModified'>;

/** Facts of a snapshot that are known before its bytes are. */
export interface SnapshotOrigin {
  id: string;
  source: string;
  url: string;
  etag?: string | undefined;
  lastModified?: string | undefined;
  unsigned?: boolean | undefined;
}

/** A document of a set; `name` is its path in the vendor's own listing. */
export interface SetDocument {
  name: string;
  sha256: string;
  size: number;
  lastModified?: string;
  /** As of a snapshot. */
  unsigned?: true;
  /** The vendor's key is not known, and no digest was beside it: nothing vouches for these bytes. */
  unchecked?: true;
}

/** Stored bytes without a name. */
export type Blob = Pick<Snapshot, 'sha256' | 'size'>;
