/** What a run of a fleet did. */
/** What became of the pull before a run: where the feed is from, or why the last good one was kept. */
export type RunPull = { from: string } | { code: string; message: string };

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
  /** Platforms whose data is older than allowed, with its age in days. */
  stale: { platform: string; ageDays: number }[];
  /** Pieces of news, and those about waived flaws and rules, which do not count. */
  events: number;
  waived: number;
}
