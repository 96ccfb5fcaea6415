import type { Vulnerability } from '../../model/feed/index.ts';
import { list, textOrNone } from '../fields.ts';
import type { CsafCvss, CsafScore, CsafThreat, CsafVulnerability } from './document.ts';

/** A document's details of a vulnerability. They decide no verdict, so invalid values are left out. The document's own date is not the vulnerability's. */
export function detailsOf(
  id: string,
  vulnerability: CsafVulnerability,
  header: { title?: string },
): Vulnerability {
  const title = textOrNone(vulnerability.title) ?? header.title;
  const description = descriptionOf(vulnerability);
  const cvss = scoresOf(vulnerability);
  const cwe = textOrNone(vulnerability.cwe?.id);
  const published = textOrNone(vulnerability.release_date);
  return {
    id,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(cvss.length === 0 ? {} : { cvss }),
    ...(cwe === undefined ? {} : { cwe: [cwe] }),
    ...(published === undefined ? {} : { published }),
    ...(isExploited(vulnerability) ? { exploited: true } : {}),
  };
}

const longestText = 16_384;

function descriptionOf(vulnerability: CsafVulnerability): string | undefined {
  const notes = list<{ category?: unknown; text?: unknown } | null>(
    vulnerability.notes,
    '/vulnerabilities/notes',
  );
  const of = (category: string) => textOrNone(notes.find((note) => note?.category === category)?.text);
  return (of('description') ?? of('summary'))?.slice(0, longestText);
}

/** Every distinct vector, newest CVSS version and highest score first. */
function scoresOf(vulnerability: CsafVulnerability): { version: string; score: number; vector: string }[] {
  const byVector = new Map<string, { version: string; score: number; vector: string }>();
  for (const score of list<CsafScore | null>(vulnerability.scores, '/vulnerabilities/scores')) {
    for (const cvss of [score?.cvss_v4, score?.cvss_v3, score?.cvss_v2]) {
      const read = cvss ? scoreOf(cvss) : undefined;
      if (read) byVector.set(read.vector, read);
    }
  }
  return [...byVector.values()].sort(
    (a, b) => Number(b.version) - Number(a.version) || b.score - a.score || (a.vector < b.vector ? -1 : 1),
  );
}

function scoreOf(cvss: CsafCvss) {
  const [version, vector, score] = [textOrNone(cvss.version), textOrNone(cvss.vectorString), cvss.baseScore];
  if (version === undefined || vector === undefined || typeof score !== 'number') return undefined;
  return score >= 0 && score <= 10 ? { version, score, vector } : undefined;
}

/** Known exploitation comes as `exploit_status` with `CISA: https://www.cisa.gov/...`. */
function isExploited(vulnerability: CsafVulnerability): boolean {
  const threats = list<CsafThreat | null>(vulnerability.threats, '/vulnerabilities/threats');
  return threats.some(
    (threat) => threat?.category === 'exploit_status' && /^CISA\b/.test(textOrNone(threat.details) ?? ''),
  );
}
