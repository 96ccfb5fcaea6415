/** A file of sorted lines. */
export interface SortedLines {
  /** The line of a key as text. `field`: the first field of the line's object; undefined: the line is the bare key. */
  find(key: string, field?: string): string | undefined;
}

/** The files of an open feed, wherever they are. `undefined`: the feed has no such file. */
export interface FeedFiles {
  lines(path: string): SortedLines | undefined;
  /** A file of ASCII in which a scan looks up each of its ids. */
  table(path: string): SortedLines | undefined;
}
