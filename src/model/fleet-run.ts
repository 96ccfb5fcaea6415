/** The result of the pull before a run: the feed's source, or why the last good feed was kept. */
export type RunPull = { from: string } | { code: string; message: string };

/** Newer data that was held back, so that the last good data is used. */
export interface HeldData {
  /** Null: the feed as a whole, because a pull failed. */
  platform: string | null;
  reasons: readonly string[];
}

/** The summary of a fleet's run. */
export interface FleetRunSummary {
  run: number;
  /** Digest of the feed. */
  feed: string;
  /** Absent if the run did not pull. */
  pull?: RunPull;
  /** Names that were looked up, and those that could not be read. */
  names: number;
  unread: number;
  /** With --require-signed: images without a signature, and images without one that meets the requirements. */
  unsigned: number;
  refused: number;
  /** Registries that could not be listed completely, with the reason. Their unlisted images are not looked up. */
  unlisted: { place: string; reason: string }[];
  /**
   * Tags of registries that were passed over because they hold signatures, attestations or SBOMs instead of images. Absent in runs
   * before this was recorded.
   */
  attached?: number;
  /** Images that were read for the first time. */
  read: number;
  /** Packages that were judged, and packages in the store. */
  judged: number;
  packages: number;
  /** Kinds of systems that no platform of the feed covers. */
  uncoveredSystems: number;
  /**
   * Names whose image is judged only partly: packages without data, of other ecosystems, or half installed. Absent in runs before
   * this was recorded.
   */
  partly?: number;
  /** Platforms whose data is older than allowed, with its age in days. Null: the data has no date. */
  stale: { platform: string; ageDays: number | null }[];
  /** Newer data that was held back from the data in use. Absent in runs before this was recorded. */
  held?: readonly HeldData[];
  /** Pieces of news, and those about waived flaws and rules, which do not count. */
  events: number;
  waived: number;
}
