/** The source packages that a suite ships, by the archive's own indexes. */
export type Roster = ReadonlyMap<string, RosterSource>;

export interface RosterSource {
  /** Newest source version in the suite's pockets. */
  version: string;
  /** Its binary packages with their own versions. */
  binaries: readonly { name: string; version: string }[];
}
