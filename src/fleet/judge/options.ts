import type { Feed } from '../../feed/read/feed.ts';
import type { RatingSource } from '../../model/feed/index.ts';
import { assessmentOrigins, rulesVersion } from '../../runtime/index.ts';

/** Options for judging a fleet's inventories: plain JSON, because workers get it from the run. */
export interface FleetJudging {
  severityFrom?: readonly RatingSource[];
  platformMap: readonly (readonly [from: string, to: string])[];
  stream?: string;
}

/**
 * Keys of the inputs of verdicts besides packages and statements. If either differs from the run before, everything is judged
 * again; the second is the feed's.
 */
export interface JudgingKeys {
  own: string;
  feed: string;
}

export function judgingKeys(feed: Feed, tool: string, judging: FleetJudging): JudgingKeys {
  const { manifest } = feed;
  const sources = assessmentOrigins(manifest, new Date(manifest.created)).map(({ id }) => id);
  return {
    own: JSON.stringify([tool, rulesVersion, judging]),
    feed: JSON.stringify([manifest.severityFrom ?? null, sources]),
  };
}
