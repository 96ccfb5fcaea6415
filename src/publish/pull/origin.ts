/** Where a published feed is read from. Nothing from it is trusted before it is checked. */
export interface Origin {
  /** The address that the user gave. */
  name: string;
  /** True if an older state may be accepted: a folder or bundle has no server that could freeze it. */
  offline: boolean;
  /** It may lack the blocks that the feed signs: a copy of parts, or what an earlier version pushed. Whole files are then read. */
  mayLackBlocks?: true;
  /** The roles in a bundle, which may be fewer than were published. */
  roles?: readonly string[];
  /**
   * Reads a whole small file; `sha256`, if it is signed, helps to find it; the caller must check it.
   * @throws FETCH_NOT_FOUND, FETCH_TOO_LARGE above maxBytes, and errors of transfers
   */
  fetch(path: string, maxBytes: number, sha256?: string): Promise<Buffer>;
  /** Reads a file of a known length into `file`, and resumes an earlier attempt. */
  download(path: string, length: number, file: string): Promise<void>;
  close(): Promise<void>;
  /** Requests and bytes so far. */
  readonly traffic: { requests: number; bytes: number };
}
