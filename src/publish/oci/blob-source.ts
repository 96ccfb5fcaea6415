/** Gives the blobs of an artifact by their digests: a registry, or a layout on disk. */
export interface BlobSource {
  /** Its name in errors. */
  name: string;
  offline: boolean;
  /** Digest that the index must have, if the user gave one. */
  pinned?: string;
  /** Reads the index; undefined: it still has the known digest. */
  top(maxBytes: number, known?: string): Promise<Buffer | undefined>;
  manifest(digest: string, maxBytes: number): Promise<Buffer>;
  blob(digest: string, maxBytes: number): Promise<Buffer>;
  /** Reads a blob of a known length into `file`, and resumes an earlier attempt. */
  download(digest: string, length: number, file: string): Promise<void>;
  close(): Promise<void>;
  readonly traffic: { requests: number; bytes: number };
}
