import type { Feed } from '../feed/read/feed.ts';
import type { Progress } from '../model/progress.ts';
import type { ExportInexactList } from './rows/inexact.ts';
import type { ExportSettings } from './signer.ts';

/** One layout: the files that it has, written below a folder of its own. */
export interface ExportTarget {
  name: string;
  /** For whom: a word for help and messages. */
  title: string;
  /** Throws for a feed that lacks what the layout is made of, before anything is written. */
  require?(feed: Feed): void;
  /** Parts that can be written at the same time, each about platforms of its own, the largest first; absent: it is one. */
  parts?(feed: Feed): readonly string[];
  /** Writes the files of a part; returns nothing: whatever is in the folder at the end is the export. */
  write(work: TargetWork, part: string): Promise<void>;
  /** Writes what is about all parts, once these are there. */
  finish?(work: TargetWork): Promise<void>;
  /** It signs if there is a key, which does not leave the first thread. */
  signs?: true;
  /** Its documents are unknown of packages about which statements could not be read, so that its list need not have them. */
  knowsUnread?: true;
  /** True for folders in it whose files an archive in it holds: they are not listed one by one. */
  heldInArchives?(path: string): boolean;
}

export interface TargetWork {
  feed: Feed;
  /** An empty folder. */
  folder: string;
  inexact: ExportInexactList;
  settings: ExportSettings;
  toolVersion: string;
  progress: Progress;
}
