import type { Feed } from '../feed/read/feed.ts';
import type { Progress } from '../model/index.ts';
import type { InexactList } from './rows/inexact.ts';
import type { ExportSettings } from './signer.ts';

/** One layout: the files that it has, written below a folder of its own. */
export interface ExportTarget {
  name: string;
  /** For whom: a word for help and messages. */
  title: string;
  /** Writes the files; returns nothing: whatever is in the folder at the end is the export. */
  write(work: TargetWork): Promise<void>;
  /** True for files of the folder that another one of it holds: they are not listed one by one. */
  heldInArchives?(path: string): boolean;
}

export interface TargetWork {
  feed: Feed;
  /** An empty folder. */
  folder: string;
  inexact: InexactList;
  settings: ExportSettings;
  toolVersion: string;
  progress: Progress;
}
