/** Where the blobs of an artifact are had by their digests: a registry, or a layout on disk. */
export interface BlobSource {
  /** As errors name it. */
  name: string;
  offline: boolean;
  /** Digest that the index must have, where the user named one. */
  pinned?: string;
  /** The index that is meant; undefined: it is still the one with the known digest. */
  top(maxBytes: number, known?: string): Promise<Buffer | undefined>;
  manifest(digest: string, maxBytes: number): Promise<Buffer>;
  blob(digest: string, maxBytes: number): Promise<Buffer>;
  /** A blob of a known length into `file`, going on where an earlier attempt ended. */
  download(digest: string, length: number, file: string): Promise<void>;
  close(): Promise<void>;
  readonly traffic: { requests: number; bytes: number };
}
