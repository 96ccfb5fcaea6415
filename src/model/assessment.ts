/** Whose word a severity may be; the order in which they are asked. `vendor`: the distribution, for that package and release. */
export const ratingSources = ['vendor', 'nvd', 'cisa', 'cna'] as const;

export type RatingSource = (typeof ratingSources)[number];

/** Versions of CVSS, the newest first: within one source it decides. */
export const cvssVersions = ['4.0', '3.1', '3.0', '2.0'] as const;

export type CvssVersion = (typeof cvssVersions)[number];

/** One CVSS score, and who gave it. */
export interface Rating {
  source: RatingSource;
  version: CvssVersion;
  score: number;
  /** With its prefix (`CVSS:3.1/AV:N/…`); version 2.0 has none. */
  vector: string;
  /** YYYY-MM-DD of the source's last change to the record that has the rating. */
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

/** An entry of CISA's Known Exploited Vulnerabilities catalog; days are YYYY-MM-DD. */
export interface Exploited {
  added: string;
  /** The day by which US agencies must have acted. */
  due?: string;
  /** Known to be used in ransomware campaigns. */
  ransomware?: true;
}

/** FIRST's Exploit Prediction Scoring System; both numbers are 0..1. */
export interface Epss {
  /** That the flaw is exploited within 30 days. */
  probability: number;
  /** The share of all scored vulnerabilities whose probability is not higher, rounded down to a thousandth. */
  percentile: number;
}

/** What others than the distribution say about one vulnerability. */
export interface Assessment {
  id: string;
  /** The CVE record was withdrawn: its state is REJECTED. */
  rejected?: true;
  /** Of nvd, cisa and cna; by source in the order of ratingSources, then by version, the newest first. */
  ratings: readonly Rating[];
  cwe?: readonly string[];
  ssvc?: Ssvc;
  exploited?: Exploited;
  epss?: Epss;
}

/** The score of a rating. A scan reads the vectors of those that it shows. */
export type Score = Pick<Rating, 'version' | 'score' | 'vector'>;

/** The part of an assessment that is read for every verdict. */
export interface Urgency {
  rejected: boolean;
  exploited: Exploited | undefined;
  epss: Epss | undefined;
  /** The newest score of a source. */
  score(source: RatingSource): Score | undefined;
}

/** Sorts ratings as an assessment has them. */
export function sortRatings(ratings: readonly Rating[]): Rating[] {
  const place = ({ source, version }: Rating) =>
    ratingSources.indexOf(source) * cvssVersions.length + cvssVersions.indexOf(version);
  return [...ratings].sort((a, b) => place(a) - place(b));
}
