import type { Feed } from '../feed/read/feed.ts';
import { isScapfeedError } from '../model/error.ts';
import type { Assessment, Vulnerability } from '../model/feed/index.ts';

/** Opens the feed that is here now, which a pull may have brought after the last run. */
export type FeedOpener = () => Feed | Promise<Feed>;

/** A feed's facts about a vulnerability besides verdicts, which are all that a fleet keeps. */
export interface VulnerabilityDescription {
  known: Vulnerability | undefined;
  assessment: Assessment | undefined;
  /** When that feed was made, ISO 8601. */
  created: string;
}

/**
 * The current feed's facts about a vulnerability; undefined: there is no feed, or it cannot be read. `open` may have pulled
 * another one since the last run.
 */
export async function describedBy(
  open: FeedOpener,
  id: string,
): Promise<VulnerabilityDescription | undefined> {
  try {
    const feed = await open();
    try {
      return {
        known: feed.vulnerability(id),
        assessment: feed.assessment(id),
        created: feed.manifest.created,
      };
    } finally {
      feed.close();
    }
  } catch (error) {
    // A run reports the fault; a page shows what the store keeps.
    if (isScapfeedError(error)) return undefined;
    throw error;
  }
}
