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
  /** Names whose image no platform judges, or none of whose packages has data. Absent in runs before this was recorded. */
  uncovered?: number;
  /**
   * Judged names whose image a scan would end with 4 for: `always`, as their release is past its end of life, their package database is
   * incomplete or what they say of their products was not readable; `withoutData`, others with packages without data, which
   * --allow-uncovered of a scan accepts. Absent in runs before this was recorded.
   */
  open?: { always: number; withoutData: number };
  /** Images by whether their base image is known. Absent if the run did not compare images with their bases. */
  bases?: { known: number; unknown: number };
  /** Platforms whose data is older than allowed, with its age in days. Null: the data has no date. */
  stale: { platform: string; ageDays: number | null }[];
  /** Newer data that was held back from the data in use. Absent in runs before this was recorded. */
  held?: readonly HeldData[];
  /** Pieces of news, and those about waived flaws and rules, which do not count. */
  events: number;
  waived: number;
}

/** Whether a run leaves images open that a scan would end with 4 for. Packages without data are a choice of the caller. */
export function leavesOpen({
  names,
  unread,
  uncovered,
  uncoveredSystems,
  unlisted,
  open,
}: Pick<
  FleetRunSummary,
  'names' | 'unread' | 'uncovered' | 'uncoveredSystems' | 'unlisted' | 'open'
>): boolean {
  return names === 0 || unread + (uncovered ?? uncoveredSystems) + unlisted.length + (open?.always ?? 0) > 0;
}
