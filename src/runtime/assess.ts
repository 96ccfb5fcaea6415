import type { Feed } from '../feed/read/feed.ts';
import {
  decideSeverity,
  type FeedPlatform,
  type Manifest,
  type RatingSource,
  ratingSources,
  type Urgency,
  type VendorRating,
  vendorWord,
} from '../model/feed/index.ts';
import {
  type AssessmentOrigin,
  isMalicious,
  riskOf,
  type Verdict,
  type ViewedVerdict,
} from '../model/verdict/index.ts';
import { hasRatings } from './assessment-origins.ts';
import { judgeFor } from './match.ts';

export interface AssessOptions {
  /** The rating sources, in order of precedence. */
  order: readonly RatingSource[];
  /** The source whose CVSS scores are the distribution's own. Undefined if it publishes none. */
  vendor?: string;
}

/**
 * Returns the options for assessing a platform's verdicts. `asked` is an order other than the feed's; sources that the feed lacks
 * are left out.
 */
export function assessOptions(
  { severityFrom = ratingSources, sources }: Manifest,
  platform: FeedPlatform,
  assessments: readonly AssessmentOrigin[],
  asked: readonly RatingSource[] = severityFrom,
): AssessOptions {
  return {
    order: asked.filter((source) => hasRatings(source, assessments, sources)),
    ...(judgeFor(platform).publishesCvss && { vendor: platform.source }),
  };
}

/**
 * Adds severity, severity source and exploitation data to verdicts, in place: copies of a thousand verdicts would be
 * garbage-collected during a scan.
 */
export function assessVerdicts<V extends Verdict>(
  feed: Feed,
  verdicts: readonly V[],
  options: AssessOptions,
): readonly (V & ViewedVerdict)[] {
  const urgency = urgencyReader(feed);
  for (const verdict of verdicts) assess(feed, verdict, urgency(verdict.vulnerability), options);
  return verdicts;
}

/** Returns a reader of the urgency of an id, which reads each id once. */
function urgencyReader(feed: Feed): (id: string) => Urgency | undefined {
  if (!feed.manifest.outputs.some(({ path }) => assessmentFiles.includes(path))) return () => undefined;
  const known = new Map<string, Urgency | undefined>();
  return (id) => {
    if (!known.has(id)) known.set(id, feed.urgency(id));
    return known.get(id);
  };
}

const assessmentFiles = ['index/ratings.jsonl', 'index/exploited.jsonl', 'index/epss.jsonl'];

function assess(
  feed: Feed,
  verdict: ViewedVerdict,
  urgency: Urgency | undefined,
  { order, vendor }: AssessOptions,
): void {
  const word = vendorWord(verdict);
  // Nobody rates a package that was published to do harm.
  const asked: typeof order = isMalicious(verdict) ? ['vendor'] : order;
  const decision = decideSeverity(vendorRating(feed, verdict, vendor), urgency, asked);
  const { severity, source, cvss } = decision;
  verdict.severity = severity;
  if (source) verdict.severitySource = source;
  if (cvss) verdict.cvss = cvss;
  if (source !== 'vendor' && word !== 'unknown') verdict.vendorSeverity = word;
  if (!urgency) return;
  const { rejected, exploited, epss } = urgency;
  if (rejected) verdict.rejected = true;
  if (exploited) verdict.exploited = exploited;
  if (epss) verdict.epss = epss;
  const risk = riskOf(decision, urgency);
  if (risk !== undefined) verdict.risk = risk;
}

/** Scores are looked up only when they are asked for: most verdicts are decided without. */
export function vendorRating(
  feed: Feed,
  { vulnerability, severity, suppressed, ghsaSeverity }: Verdict,
  vendor: string | undefined,
): VendorRating {
  if (vendor === undefined) return { severity, suppressed, ...(ghsaSeverity && { ghsaSeverity }) };
  return {
    severity,
    suppressed,
    ...(ghsaSeverity && { ghsaSeverity }),
    get cvss() {
      return feed.vulnerability(vulnerability)?.cvss?.filter(({ source }) => source === vendor) ?? [];
    },
  };
}
