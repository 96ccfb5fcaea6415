import type { FileStat, FileView, UnverifiedReason } from '../model/index.ts';
import type { Accounts } from './accounts.ts';

/** The result of comparing the file at a path with what its package says. */
export interface Comparison {
  /** Differences of content, type or link target, in words: `digest`. */
  content: readonly string[];
  /** Differences of mode and owner, in words: `mode 0755, packaged 0644`. */
  attributes: readonly string[];
  /** The content was compared with a digest. */
  compared: boolean;
  /** Why it was not compared although it has content. */
  unverified?: UnverifiedReason;
}

/** What a comparison reads from the image. */
export interface ImageFacts {
  files: FileView;
  accounts: Accounts;
}

/** A path as its package describes it, from any database. */
export interface PackagedFile {
  readonly package: string;
  /** The package's name for it, with diversions applied; links in the image are not resolved. */
  readonly path: string;
  readonly class: 'plain' | 'config' | 'documentation';
  /** True if it may be absent: not installed, a ghost, an obsolete configuration file. */
  readonly optional: boolean;
  /** True for a directory, a link or an unknown type: dpkg lists only paths, and digests of regular files. */
  readonly undescribed: boolean;
  /** Mode with type bits, if the database records modes. */
  readonly mode?: number;
  /** `cap_net_raw=p`, as the packager wrote them. */
  readonly capabilities?: string;
  compare(found: FileStat, facts: ImageFacts): Comparison;
}
