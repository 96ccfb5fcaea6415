/** How versions of one kind of packages are read and ordered. The order is total: versions that are equal in it are one version. */
export interface VersionOrder<Version = unknown> {
  /** Undefined: the text is no version of the kind. */
  read(text: string): Version | undefined;
  /** What a text stands for as the last of several versions, if it can name more than one: a release with all its revisions. Default: `read`. */
  readLast?(text: string): Version | undefined;
  /** Below, at or above 0. */
  compare(a: Version, b: Version): number;
}
