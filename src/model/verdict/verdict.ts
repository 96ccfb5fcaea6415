import { type Assessment, isByRansomware, type Urgency } from '../feed/assessment.ts';
import type { UnreadRecord } from '../feed/finding.ts';
import type { Severity } from '../feed/severity.ts';
import type { SeverityDecision } from '../feed/severity-decision.ts';
import type { Claim, FixState, Status } from '../feed/statement.ts';
import type { InstalledPackage, InventoryNote, UnjudgedPackages } from '../inventory/inventory.ts';

/** CVSS scores of the severities; an unrated flaw is weighed as a medium one. */
const scoreOfWord: Readonly<Record<Severity, number>> = {
  unknown: 5,
  negligible: 0.5,
  low: 3,
  medium: 5,
  high: 7.5,
  critical: 9,
};

/**
 * The risk of a flaw from 0 to 100, with two decimals (docs/severity.md has the formula): threat times severity, raised
 * for flaws that are known to be exploited. Undefined where nothing is known of the threat: no score is not a low one.
 */
export function riskOf(
  { severity, cvss }: Pick<SeverityDecision, 'severity' | 'cvss'>,
  { exploited, epss }: Pick<Assessment, 'exploited' | 'epss'> | Pick<Urgency, 'exploited' | 'epss'>,
): number | undefined {
  const threat = exploited ? 1 : epss?.probability;
  if (threat === undefined) return undefined;
  const weight = (cvss?.score ?? scoreOfWord[severity]) / 10;
  const known = exploited ? (isByRansomware(exploited) ? 1.1 : 1.05) : 1;
  return Math.round(Math.min(threat * weight * known, 1) * 10_000) / 100;
}

/** The decision about a vulnerability in an installed package. `fixed` and `not_affected` are returned only on request. */
export interface Verdict {
  vulnerability: string;
  platform: string;
  package: InstalledPackage;
  status: Status;
  /** Present exactly when status is `affected`. */
  fixState?: FixState;
  /** The version to install (`available`), or the version in another channel (`other_channel`). */
  fixedVersion?: string;
  reason?: string;
  severity: Severity;
  /** By the GitHub Advisory Database, of a flaw in a package of a language; `severity` is that of other databases. */
  ghsaSeverity?: Severity;
  suppressed?: Claim['suppressed'];
  advisories: readonly string[];
  /** Other ids of the vulnerability itself, those of records about a package of a language: `GHSA-…`, `PYSEC-…`. */
  aliases?: readonly string[];
  marks: readonly string[];
  channel?: string;
  /** `INPUT#POINTER` with the placeholders filled in. */
  evidence: string;
}

/** Mark of a package that was published to do harm: all of its affected versions are to be removed. */
export const malicious = 'malicious';

export function isMalicious({ marks }: Pick<Verdict, 'marks'>): boolean {
  return marks.includes(malicious);
}

/** Ids by which a person or a document may name the flaw of a verdict; advisories of distributions are about several flaws. */
export function idsOfFlaw({
  vulnerability,
  aliases = [],
}: Pick<Verdict, 'vulnerability' | 'aliases'>): string[] {
  return [vulnerability, ...aliases];
}

/** Mark of a statement about a package that is no flaw: it is unmaintained, or unsound. */
export const informational = 'informational';

/** Mark of a record that names the flaw by ids of other records only: what clears it may be about another flaw. */
export const byAlias = 'by_alias';

/** Why an installed package was not judged. docs/verdicts.md explains each reason. */
export type Uncovered =
  | 'not_covered'
  | 'other_origin'
  | 'unparsable_version'
  | 'half_installed'
  | 'undecidable';

/** A package that was not judged, and why. */
export interface UncoveredPackage {
  package: InstalledPackage;
  reason: Uncovered;
  detail?: string;
  /** The first few of the vendor's statements about it that could not be read. */
  unread?: readonly UnreadRecord[];
}

/** The result of matching an inventory: every installed package is judged or listed as uncovered. */
export interface MatchResult {
  verdicts: Verdict[];
  /** Number of packages for which the platform has data, affected or not. */
  judged: number;
  uncovered: UncoveredPackage[];
  /** Number of those that are uncovered because statements about them could not be read; readable statements are judged. */
  unread: number;
  /** Packages of languages that the feed has no data about, or of which only the number is known, by ecosystem. */
  unjudged: UnjudgedPackages[];
  /** Facts that could not be looked up at all. */
  notes: InventoryNote[];
}
