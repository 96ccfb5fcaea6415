import type { Assessment, Urgency } from './assessment.ts';
import type { Severity } from './severity.ts';
import type { SeverityDecision } from './severity-decision.ts';

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
  const known = exploited?.ransomware ? 1.1 : exploited ? 1.05 : 1;
  return Math.round(Math.min(threat * weight * known, 1) * 10_000) / 100;
}
