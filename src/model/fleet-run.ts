/** What became of the pull before a run: where the feed is from, or why the last good one was kept. */
export type RunPull = { from: string } | { code: string; message: string };

/** Newer data that did not come to judge, so that the last good one does. */
export interface HeldData {
  /** Null: the feed as a whole, because a pull brought none. */
  platform: string | null;
  reasons: readonly string[];
}

/** What a run of a fleet did. */
export interface FleetRunSummary {
  run: number;
  /** Digest of the feed. */
  feed: string;
  /** Absent: it was not asked to pull. */
  pull?: RunPull;
  /** Names that were looked up, and those of them that could not be read. */
  names: number;
  unread: number;
  /** With --require-signed: images with no signature, and with none that is as asked. */
  unsigned: number;
  refused: number;
  /** Registries that could not be listed, or not to their end, with the reason: what they have there is not looked at. */
  unlisted: { place: string; reason: string }[];
  /** Images that were read for the first time. */
  read: number;
  /** Packages that were judged, of all that are kept. */
  judged: number;
  packages: number;
  /** Kinds of systems that no platform of the feed judges. */
  uncoveredSystems: number;
  /** Names whose image is judged only in part: packages without data, of other ecosystems, or half installed. Absent: not kept then. */
  partly?: number;
  /** Platforms whose data is older than allowed, with its age in days. */
  stale: { platform: string; ageDays: number }[];
  /** What was held back of the data in use. Absent: the run was before this was kept. */
  held?: readonly HeldData[];
  /** Pieces of news, and those about waived flaws and rules, which do not count. */
  events: number;
  waived: number;
}
