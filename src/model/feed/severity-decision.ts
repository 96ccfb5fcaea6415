import {
  type Assessment,
  type CvssVersion,
  cvssVersions,
  type RatingSource,
  ratingSources,
  type Score,
  sortRatings,
  type Urgency,
} from './assessment.ts';
import type { Severity } from './severity.ts';
import type { Claim } from './statement.ts';
import type { VendorScore } from './vulnerability.ts';

/** A distribution's severity of a flaw in one package of one release, and the CVSS scores that it publishes. */
export interface VendorRating {
  severity: Severity;
  suppressed?: Claim['suppressed'];
  cvss?: readonly VendorScore[];
  /** By the GitHub Advisory Database, for packages of languages. */
  ghsaSeverity?: Severity;
}

/** The severity of a flaw and the source that decided it. */
export interface SeverityDecision {
  severity: Severity;
  /** Undefined: none of the requested sources has rated it, and the severity is `unknown`. */
  source?: RatingSource;
  /** The score that decided; undefined: the distribution's word did. */
  cvss?: Score;
}

/** Ratings of a flaw by others than the distribution, whole or as read for every verdict. */
export type OtherRatings = Pick<Assessment, 'rejected' | 'ratings'> | Pick<Urgency, 'rejected' | 'score'>;

/** The severity of a flaw by others than its distribution. */
export interface OutsideRating extends SeverityDecision {
  rejected?: true;
}

/** Undefined: no source has rated it, and its CVE record is not rejected. */
export function outsideRating(
  assessment: Pick<Assessment, 'ratings' | 'rejected'>,
  order?: readonly RatingSource[],
): OutsideRating | undefined {
  if (assessment.rejected) return { severity: 'unknown', rejected: true };
  const decision = decideSeverity({ severity: 'unknown' }, assessment, order);
  return decision.source === undefined ? undefined : decision;
}

/**
 * Decides a severity (docs/severity.md): the first source of `order` that has rated the flaw. The distribution's word comes
 * before its CVSS, and within one source the newest version of CVSS. Sources are never compared, joined or averaged.
 * Only the databases of its package rate a flaw whose CVE record is rejected.
 */
export function decideSeverity(
  vendor: VendorRating,
  others: OtherRatings | undefined,
  order: readonly RatingSource[] = ratingSources,
): SeverityDecision {
  for (const source of order) {
    const word =
      source === 'ghsa' ? vendor.ghsaSeverity : source === 'vendor' ? vendorWord(vendor) : undefined;
    if (word !== undefined && word !== 'unknown') return { severity: word, source };
    if (source !== 'vendor' && others?.rejected) continue;
    const cvss = source === 'vendor' ? newest(vendor.cvss) : others && newestOf(source, others);
    if (cvss) return { severity: cvssSeverity(cvss), source, cvss };
  }
  return { severity: 'unknown' };
}

/** One rating of a flaw, listed beside the others. */
export interface SideRating extends Partial<NonNullable<SeverityDecision['cvss']>> {
  source: RatingSource;
  severity: Severity;
  date?: string;
  /** This rating decides the severity. */
  decides?: true;
}

/** Everything that rates a flaw: the distribution's word, its scores and those of others, and which of them decided. */
export function sideRatings(
  vendor: VendorRating,
  assessment: Pick<Assessment, 'ratings'> | undefined,
  { source, cvss: decided }: SeverityDecision,
): SideRating[] {
  const word = vendorWord(vendor);
  const own = (vendor.cvss ?? [])
    .filter(isKnownVersion)
    .map((score) => ({ ...score, source: 'vendor' as const }));
  const scores = [...sortRatings(own), ...(assessment?.ratings ?? [])].map(
    ({ source: by, version, score, vector, date }): SideRating => ({
      source: by,
      severity: cvssSeverity({ version, score }),
      version,
      score,
      vector,
      ...(date !== undefined && { date }),
      ...(by === source && decided?.vector === vector && decided.version === version && { decides: true }),
    }),
  );
  const words = [
    { source: 'vendor', severity: word },
    { source: 'ghsa', severity: vendor.ghsaSeverity ?? 'unknown' },
  ] as const;
  return [
    ...words
      .filter(({ severity }) => severity !== 'unknown')
      .map((each) => ({ ...each, ...(each.source === source && !decided && ({ decides: true } as const)) })),
    ...scores,
  ];
}

/** The distribution's own word. `unimportant` is one too: Debian gives it instead of a severity. */
export function vendorWord({
  severity,
  suppressed,
}: Pick<VendorRating, 'severity' | 'suppressed'>): Severity {
  return severity === 'unknown' && suppressed !== undefined ? 'negligible' : severity;
}

/**
 * The word of a score by the scale of its own version: NVD's for version 2.0, which knows no critical, and the
 * specification's for 3.0 and later, where 0.0 is `none`.
 */
export function cvssSeverity({ version, score }: { version: string; score: number }): Severity {
  if (version === '2.0') return score < 4 ? 'low' : score < 7 ? 'medium' : 'high';
  if (score === 0) return 'negligible';
  return score < 4 ? 'low' : score < 7 ? 'medium' : score < 9 ? 'high' : 'critical';
}

function newestOf(source: RatingSource, others: OtherRatings): Score | undefined {
  if ('score' in others) return others.score(source);
  // Of each source the newest is the first.
  const found = others.ratings.find((rating) => rating.source === source);
  return found && scoreOf(found);
}

function newest(scores: readonly VendorScore[] | undefined): Score | undefined {
  let best: Score | undefined;
  for (const one of scores ?? []) {
    if (isKnownVersion(one) && (!best || one.version > best.version)) best = one;
  }
  return best && scoreOf(best);
}

function scoreOf({ version, score, vector }: Score): Score {
  return { version, score, vector };
}

function isKnownVersion<T extends { version: string }>(score: T): score is T & { version: CvssVersion } {
  return (cvssVersions as readonly string[]).includes(score.version);
}
