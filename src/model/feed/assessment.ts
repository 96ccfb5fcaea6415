/**
 * Sources of a severity, in order of precedence. `vendor`: the distribution, for that package and release; for packages of languages their
 * own databases, such as RustSec. `ghsa`: the GitHub Advisory Database, for packages of languages.
 */
export const ratingSources = ['vendor', 'ghsa', 'nvd', 'cisa', 'cna'] as const;

export type RatingSource = (typeof ratingSources)[number];

/** Versions of CVSS, the newest first: within one source it decides. */
export const cvssVersions = ['4.0', '3.1', '3.0', '2.0'] as const;

export type CvssVersion = (typeof cvssVersions)[number];

/** A CVSS score and its source. */
export interface Rating {
  source: RatingSource;
  version: CvssVersion;
  score: number;
  /** The vector with its prefix (`CVSS:3.1/AV:N/…`). Version 2.0 has no prefix. */
  vector: string;
  /** Date (YYYY-MM-DD) of the source's last change to the record that contains the rating. */
  date?: string;
}

/** CISA's decision points (Stakeholder-Specific Vulnerability Categorization). */
export interface Ssvc {
  exploitation: (typeof ssvcWords.exploitation)[number];
  automatable: (typeof ssvcWords.automatable)[number];
  impact: (typeof ssvcWords.impact)[number];
  date?: string;
}

export const ssvcWords = {
  exploitation: ['none', 'poc', 'active'],
  automatable: ['no', 'yes'],
  impact: ['partial', 'total'],
} as const;

/** An entry of CISA's Known Exploited Vulnerabilities catalog, of the EU's list, or of both. Dates are YYYY-MM-DD. */
export interface Exploited {
  /** The day on which CISA added it; if only the EU lists it, the day on which it was reported there. */
  added: string;
  /** The date by which US agencies must have acted. */
  due?: string;
  /** Known to be used in ransomware campaigns. */
  ransomware?: true;
  eu?: EuExploited;
  /** CISA does not list it. */
  only?: 'eu';
}

/** An entry of the list of exploited vulnerabilities by the EU's CSIRTs network and ENISA. */
export interface EuExploited {
  /** Its id in the European Vulnerability Database: `EUVD-2025-9646`. */
  id: string;
  /** YYYY-MM-DD. */
  reported: string;
  ransomware?: true;
}

/**
 * Joins the entries of both lists: CISA's facts from the first, the EU's from the second. Returns `undefined` if neither
 * lists the flaw.
 */
export function joinExploited(cisa: Exploited | undefined, eu: Exploited | undefined): Exploited | undefined {
  const entry = eu?.eu;
  if (!cisa || cisa.only === 'eu') return entry && { added: entry.reported, eu: entry, only: 'eu' };
  const { eu: _, ...own } = cisa;
  return entry ? { ...own, eu: entry } : own;
}

/** Whether one of the lists says so. */
export function isByRansomware({ ransomware, eu }: Exploited): boolean {
  return ransomware === true || eu?.ransomware === true;
}

/** FIRST's Exploit Prediction Scoring System. Both numbers are from 0 to 1. */
export interface Epss {
  /** Probability that the flaw is exploited within 30 days. */
  probability: number;
  /** Share of all scored vulnerabilities with the same or a lower probability, rounded down to a thousandth. */
  percentile: number;
}

/** Data about a vulnerability from sources other than the distribution. */
export interface Assessment {
  id: string;
  /** The CVE record was withdrawn (state REJECTED). */
  rejected?: true;
  /** NVD has not rated it and does not plan to (status Deferred). */
  deferred?: true;
  /** Ratings by nvd, cisa and cna, in the order of ratingSources, then by version, newest first. */
  ratings: readonly Rating[];
  cwe?: readonly string[];
  ssvc?: Ssvc;
  exploited?: Exploited;
  epss?: Epss;
}

/** The score of a rating, without its source and date. */
export type Score = Pick<Rating, 'version' | 'score' | 'vector'>;

/** The part of an assessment that is read for every verdict. */
export interface Urgency {
  rejected: boolean;
  exploited: Exploited | undefined;
  epss: Epss | undefined;
  /** Returns the newest score of a source. */
  score(source: RatingSource): Score | undefined;
}

/** Sorts ratings as an assessment has them. */
export function sortRatings(ratings: readonly Rating[]): Rating[] {
  const place = ({ source, version }: Rating) =>
    ratingSources.indexOf(source) * cvssVersions.length + cvssVersions.indexOf(version);
  return [...ratings].sort((a, b) => place(a) - place(b));
}
