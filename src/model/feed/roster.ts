/** The source packages that a suite ships, by the archive's own indexes. */
export type Roster = ReadonlyMap<string, RosterSource>;

export interface RosterSource {
  /** Newest source version in the suite's pockets. */
  version: string;
  /** Its binary packages with their own versions. */
  binaries: readonly { name: string; version: string }[];
  /**
   * rpm: every build in the repositories, VERSION-RELEASE, sorted. A package without a signing key or a vendor name is the
   * vendor's if it is one of these.
   */
  builds?: readonly string[];
}

/** A line of `index/PLATFORM.roster.txt`: the name of a source, or with a blank after it one of its builds. */
export function rosterLine(name: string, build?: string): string {
  return build === undefined ? name : `${name} ${build}`;
}
