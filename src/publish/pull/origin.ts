/** Where a published feed is read from. Nothing that comes from here is trusted before it is checked. */
export interface Origin {
  /** As the user gave it. */
  name: string;
  /** Whether it may be asked for less than the current state: a folder or bundle has no server that could freeze it. */
  offline: boolean;
  /** Of a bundle, which may hold fewer than were published: the roles it has. */
  roles?: readonly string[];
  /**
   * A whole small file; `sha256`, where it is signed for, helps to find it and is the caller's to check.
   * FETCH_NOT_FOUND, FETCH_TOO_LARGE above maxBytes, and all that a transfer may meet.
   */
  fetch(path: string, maxBytes: number, sha256?: string): Promise<Buffer>;
  /** A file of a known length into `file`, going on where an earlier attempt ended. */
  download(path: string, length: number, file: string): Promise<void>;
  close(): Promise<void>;
  /** What it cost so far. */
  readonly traffic: { requests: number; bytes: number };
}
