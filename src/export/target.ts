import type { Feed } from '../feed/read/feed.ts';
import type { InexactList } from './rows/inexact.ts';

/** One layout: the files that it has, written below a folder of its own. */
export interface ExportTarget {
  name: string;
  /** For whom: a word for help and messages. */
  title: string;
  /** Writes the files; returns nothing: whatever is in the folder at the end is the export. */
  write(work: TargetWork): Promise<void>;
}

export interface TargetWork {
  feed: Feed;
  /** An empty folder. */
  folder: string;
  inexact: InexactList;
  progress(text: string): void;
}
