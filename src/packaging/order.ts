/** Parses and orders the versions of one kind of packages. The order is total: versions that compare equal are one version. */
export interface VersionOrder<Version = unknown> {
  /** Undefined: the text is no version of the kind. */
  read(text: string): Version | undefined;
  /** Reads a text as an inclusive upper bound, where it may name several versions: a release with all its revisions. Default: `read`. */
  readLast?(text: string): Version | undefined;
  /** Below, at or above 0. */
  compare(a: Version, b: Version): number;
}
