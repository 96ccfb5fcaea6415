import type { Assessment, Vulnerability } from '../../model/feed/index.ts';
import type { Flaw } from './flaws.ts';
import type { ScanReport } from './report.ts';

/** The feed's facts about the vulnerability of a flaw, as reports need them. */
export interface FlawFacts {
  known: Vulnerability | undefined;
  assessment: Assessment | undefined;
  /** The score that decided the severity; where a word did: the vendor's, else the first of others, of sources that may decide. */
  score: FlawScore | undefined;
  /** The vendor's web page. */
  page: string | undefined;
  /** Pages about it, the vendor's first; http and https only. */
  links: readonly string[];
}

export interface FlawScore {
  version: string;
  score: number;
  vector: string;
}

export function flawFacts(report: ScanReport, { verdict }: Flaw): FlawFacts {
  const { facts, names } = report;
  const { severityFrom: asked } = report.result;
  const { vulnerability, advisories } = verdict;
  const known = facts.vulnerability(vulnerability);
  const assessment = facts.assessment(vulnerability);
  const page = names.flawPage(vulnerability);
  const notices = advisories.map((id) => advisoryUrl(report, id));
  const all = [page, ...notices, ...(known?.references ?? [])];
  return {
    known,
    assessment,
    score:
      verdict.cvss ??
      (asked.includes('vendor') ? known?.cvss?.[0] : undefined) ??
      assessment?.ratings.find(({ source }) => asked.includes(source)),
    page,
    links: [...new Set(all.filter((link) => link !== undefined).filter(isWebPage))],
  };
}

/** The web page of an advisory, by the feed or by the vendor's scheme. */
export function advisoryUrl({ facts, names }: ScanReport, id: string): string | undefined {
  const url = facts.advisory(id)?.url ?? names.advisoryPage(id);
  return url !== undefined && isWebPage(url) ? url : undefined;
}

function isWebPage(link: string): boolean {
  return /^https?:\/\/[^\s<>"]+$/.test(link);
}
