import type { FileStat, FileView, UnverifiedReason } from '../model/index.ts';
import type { Accounts } from './accounts.ts';

/** What comparing what stands at a path with what a package says of it tells. */
export interface Comparison {
  /** Differences of content, type or link target, in words: `digest`. */
  content: readonly string[];
  /** Differences of mode and owner, in words: `mode 0755, packaged 0644`. */
  attributes: readonly string[];
  /** The content was compared with a digest. */
  compared: boolean;
  /** Why it was not, where it should have been. */
  unverified?: UnverifiedReason;
}

/** What the comparison may look at. */
export interface ImageFacts {
  files: FileView;
  accounts: Accounts;
}

/** A path as one package describes it, whichever database says so. */
export interface PackagedFile {
  readonly package: string;
  /** As the package names it, diversions applied; links of the image may lead it elsewhere. */
  readonly path: string;
  readonly class: 'plain' | 'config' | 'documentation';
  /** May be absent: never installed, a ghost, an obsolete configuration file. */
  readonly optional: boolean;
  /** A directory or link, or nothing is known of it: dpkg lists paths only, and digests of regular files. */
  readonly undescribed: boolean;
  /** Mode with type bits, where the database records modes. */
  readonly mode?: number;
  /** `cap_net_raw=p`, as the packager wrote them. */
  readonly capabilities?: string;
  compare(found: FileStat, facts: ImageFacts): Comparison;
}
