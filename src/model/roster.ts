/** What a suite's indexes ship, by source package: the archive's own list, apart from any flaw. */
export type Roster = ReadonlyMap<string, RosterSource>;

export interface RosterSource {
  /** Newest source version in the suite's pockets. */
  version: string;
  /** Its binary packages with their own versions. */
  binaries: readonly { name: string; version: string }[];
}
