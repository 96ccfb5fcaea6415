import {
  type Assessment,
  clairSeverities,
  type Rating,
  type Severity,
  worseSeverity,
} from '../../model/feed/index.ts';
import type { ViewedVerdict } from '../../model/verdict/index.ts';
import { type FlawFacts, flawFacts } from './flaw-facts.ts';
import type { ScanReport } from './report.ts';

/** Maximum length of a description, in characters. */
const longestDescription = 20_000;

type VulnerabilityItem = Record<string, unknown> & { id: string };

/**
 * The flaws of a scan as an object of Harbor's report, without what is of the request: severity and vulnerabilities. Harbor has one
 * row for each id, package and version.
 */
export function harborVulnerabilities(report: ScanReport): string {
  const rows = new Map<string, { verdict: ViewedVerdict; facts: FlawFacts; of: ViewedVerdict[] }>();
  for (const flaw of report.lines()) {
    const facts = flawFacts(report, flaw);
    for (const verdict of flaw.verdicts) {
      const { vulnerability, package: pkg } = verdict;
      const key = JSON.stringify([vulnerability, pkg.name, pkg.version]);
      const row = rows.get(key);
      if (!row) rows.set(key, { verdict, facts, of: [verdict] });
      else {
        row.of.push(verdict);
        if (worseSeverity(row.verdict.severity, verdict.severity) !== row.verdict.severity)
          row.verdict = verdict;
      }
    }
  }
  const severity = [...rows.values()].reduce<Severity | undefined>(
    (worst, { verdict }) => (worst === undefined ? verdict.severity : worseSeverity(worst, verdict.severity)),
    undefined,
  );
  const items = [...rows.values()].map(({ verdict, facts, of }) => itemOf(verdict, facts, of, report));
  return JSON.stringify({
    // The API has no word for an image without a flaw; Harbor shows this one as "None".
    severity: clairSeverities[severity ?? 'negligible'],
    vulnerabilities: items,
  });
}

function itemOf(
  verdict: ViewedVerdict,
  { known, assessment, links }: FlawFacts,
  of: readonly ViewedVerdict[],
  report: ScanReport,
): VulnerabilityItem {
  const { vulnerability: id, package: pkg, fixState, fixedVersion, severity } = verdict;
  const ratings = ratingsOf(verdict, assessment);
  const cwe = assessment?.cwe ?? [];
  return {
    id,
    package: pkg.name,
    version: pkg.version,
    // An empty one says that there is no fix: it is what decides "fixable".
    fix_version: fixState === 'available' ? (fixedVersion ?? '') : '',
    severity: clairSeverities[severity],
    status: statusOf(verdict),
    description: (known?.description ?? known?.title ?? `${id} in ${pkg.name}`).slice(0, longestDescription),
    links,
    ...cvssOf(ratings),
    ...(cwe.length > 0 && { cwe_ids: cwe }),
    vendor_attributes: vendorAttributes(verdict, of, ratings, report),
  };
}

/** In the words that Harbor's other scanner uses. */
function statusOf({ status, fixState }: ViewedVerdict): string {
  if (status === 'under_investigation') return status;
  if (fixState === 'available') return 'fixed';
  if (fixState === undefined || fixState === 'none_yet' || fixState === 'other_channel') return 'affected';
  return fixState;
}

type Score = Pick<Rating, 'version' | 'score' | 'vector'>;

/** The score that decided the severity, then those of others. */
function ratingsOf({ cvss }: ViewedVerdict, assessment: Assessment | undefined): readonly Score[] {
  const others = assessment?.ratings ?? [];
  return cvss === undefined ? others : [cvss, ...others];
}

/** The schema has room for versions 2 and 3. */
function cvssOf(ratings: readonly Score[]): object {
  const v3 = ratings.find(({ version }) => version.startsWith('3.'));
  const v2 = ratings.find(({ version }) => version === '2.0');
  if (!v3 && !v2) return {};
  return {
    preferred_cvss: {
      ...(v3 && { score_v3: v3.score, vector_v3: v3.vector }),
      ...(v2 && { score_v2: v2.score, vector_v2: v2.vector }),
    },
  };
}

/** Facts for which the schema has no member. */
function vendorAttributes(
  { fixState, fixedVersion, exploited, epss, advisories, reason, package: pkg }: ViewedVerdict,
  of: readonly ViewedVerdict[],
  ratings: readonly Score[],
  { names }: ScanReport,
): object {
  const v4 = ratings.find(({ version }) => version === '4.0');
  const evidence = [...new Set(of.map((each) => each.evidence))].sort();
  return {
    source: pkg.source.name,
    purls: [...new Set(of.map((each) => names.purl(each.package)))].sort(),
    paths: [...new Set(of.map((each) => each.package.database))].sort(),
    ...(advisories.length > 0 && { advisories }),
    ...(reason !== undefined && { reason }),
    ...(fixState === 'other_channel' && { fixed_in_other_channel: fixedVersion }),
    ...(exploited && { known_exploited: exploited }),
    ...(epss && { epss }),
    ...(v4 && { cvss_v4: { score: v4.score, vector: v4.vector } }),
    evidence,
  };
}
