import type { Feed } from '../feed/read/feed.ts';
import {
  type Assessment,
  type AssessmentOrigin,
  decideSeverity,
  type FeedPlatform,
  type Manifest,
  type RatingSource,
  ratingSources,
  riskOf,
  type VendorRating,
  type Verdict,
  type ViewedVerdict,
  vendorWord,
} from '../model/index.ts';
import { hasRatings } from './assessment-origins.ts';
import { judgeFor } from './match.ts';

export interface AssessOptions {
  /** Whose ratings are asked, in this order. */
  order: readonly RatingSource[];
  /** The source whose CVSS scores are the distribution's own; undefined: it publishes none. */
  vendor?: string;
}

/** How verdicts of a platform are assessed. `asked`: an order other than the feed's; sources that the feed lacks are left out. */
export function assessOptions(
  { severityFrom = ratingSources }: Manifest,
  platform: FeedPlatform,
  assessments: readonly AssessmentOrigin[],
  asked: readonly RatingSource[] = severityFrom,
): AssessOptions {
  return {
    order: asked.filter((source) => hasRatings(source, assessments)),
    ...(judgeFor(platform).publishesCvss && { vendor: platform.source }),
  };
}

/** Adds to verdicts how bad their flaws are and by whose word, and what is known of their exploitation. */
export function assessVerdicts(
  feed: Feed,
  verdicts: readonly Verdict[],
  options: AssessOptions,
): ViewedVerdict[] {
  // In the order of the feed's files each block is read once.
  const ids = [...new Set(verdicts.map(({ vulnerability }) => vulnerability))].sort();
  const assessments = new Map(ids.map((id) => [id, feed.assessment(id)]));
  return verdicts.map((verdict) => assess(feed, verdict, assessments.get(verdict.vulnerability), options));
}

function assess(
  feed: Feed,
  verdict: Verdict,
  assessment: Assessment | undefined,
  { order, vendor }: AssessOptions,
): ViewedVerdict {
  const decision = decideSeverity(vendorRating(feed, verdict, vendor), assessment, order);
  const word = vendorWord(verdict);
  const viewed: ViewedVerdict = { ...verdict, severity: decision.severity };
  if (decision.source) viewed.severitySource = decision.source;
  if (decision.cvss) viewed.cvss = decision.cvss;
  if (decision.source !== 'vendor' && word !== 'unknown') viewed.vendorSeverity = word;
  if (!assessment) return viewed;
  const { rejected, exploited, epss } = assessment;
  if (rejected) viewed.rejected = rejected;
  if (exploited) viewed.exploited = exploited;
  if (epss) viewed.epss = epss;
  const risk = riskOf(decision, assessment);
  if (risk !== undefined) viewed.risk = risk;
  return viewed;
}

/** Its scores are looked up only when they are asked for: most verdicts are decided without. */
export function vendorRating(
  feed: Feed,
  { vulnerability, severity, suppressed }: Verdict,
  vendor: string | undefined,
): VendorRating {
  return {
    severity,
    ...(suppressed && { suppressed }),
    get cvss() {
      if (vendor === undefined) return [];
      return feed.vulnerability(vulnerability)?.cvss?.filter(({ source }) => source === vendor) ?? [];
    },
  };
}
