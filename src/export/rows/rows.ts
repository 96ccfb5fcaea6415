import type { Feed } from '../../feed/read/feed.ts';
import type { Claim, Severity } from '../../model/feed/index.ts';
import type { Verdict } from '../../model/verdict/index.ts';
import type { ExportInexactList } from './inexact.ts';

/** Input of the export to one target, and its notes. */
export interface ExportContext {
  feed: Feed;
  inexact: ExportInexactList;
}

/** The rows of one package, decided for one kind of systems. */
export interface ExportLine {
  package: string;
  rows: readonly ExportRow[];
  /** Some of it is about the source of this name: no document shows its other binaries. */
  guessed?: true;
}

/** The decision about some vulnerabilities of a package, whatever version is installed. */
export interface ExportRow {
  ids: readonly string[];
  /** This and every later version is fixed; undefined: the outcome below holds for every version. */
  fixed?: string;
  /** Fixes of several channels: whichever a build has reached, and `fixed` is the lowest. */
  severalFixes?: true;
  /** The outcome of every version below `fixed`, or of all. */
  status: Verdict['status'];
  /** Present exactly when status is `affected`. */
  fixState?: Verdict['fixState'];
  severity: Severity;
  suppressed?: Claim['suppressed'];
  reason?: string;
  advisories: readonly string[];
  /** The channel of the fix, if it is not the systems' own. */
  channel?: string;
  /** Indexes of the systems that it holds for, where a release has several; absent: all. */
  systems?: readonly number[];
  /** `name:stream`: builds of this module only. */
  module?: string;
  /** Builds beside the vendor's plain ones, of this kind only. */
  flavour?: string;
  /** Builds of these versions only, where the package's name has others with rows of their own: `5.10`. */
  line?: readonly string[];
  /** Architectures that it is limited to; absent: all. */
  arch?: readonly string[];
}
