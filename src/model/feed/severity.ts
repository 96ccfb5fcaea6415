/** Severities in rising order. `unknown` means not rated: it does not trip `--fail-on`, but it is counted. */
export const severities = ['unknown', 'negligible', 'low', 'medium', 'high', 'critical'] as const;

/** The severity of a flaw. `unknown`: not rated by anyone. */
export type Severity = (typeof severities)[number];

/** Severities as Clair, and Harbor after it, writes them. */
export const clairSeverities: Readonly<Record<Severity, string>> = {
  unknown: 'Unknown',
  negligible: 'Negligible',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'Critical',
};

/** True when a rated severity reaches the threshold; `unknown` reaches none. */
export function severityAtLeast(severity: Severity, threshold: Severity): boolean {
  return severity !== 'unknown' && severities.indexOf(severity) >= severities.indexOf(threshold);
}

/** The worse of two severities. */
export function worseSeverity(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) >= severities.indexOf(b) ? a : b;
}

/** A record about a flaw in a package of a language; `advisories`: its id. */
interface RatedRecord {
  severity?: Severity | undefined;
  advisories?: readonly string[] | undefined;
}

/** The worst severity by the GitHub Advisory Database, if it has rated the flaw, and that by the other databases. */
export function recordSeverities(records: readonly RatedRecord[]): {
  severity: Severity;
  ghsaSeverity?: Severity;
} {
  const worst = (ofGithub: boolean) =>
    records
      .filter(({ advisories = [] }) => advisories.some((id) => id.startsWith('GHSA-')) === ofGithub)
      .map(({ severity = 'unknown' }) => severity)
      .reduce(worseSeverity, 'unknown');
  const ghsaSeverity = worst(true);
  return { severity: worst(false), ...(ghsaSeverity !== 'unknown' && { ghsaSeverity }) };
}
