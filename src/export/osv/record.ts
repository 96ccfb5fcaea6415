import type { Feed } from '../../feed/read/feed.ts';
import type { Rating, Severity, Vulnerability } from '../../model/feed/index.ts';

/** One package of one release, or of a language, in a record. */
export interface OsvAffected {
  package: { ecosystem: string; name: string };
  ranges?: OsvRange[];
  versions?: string[];
  ecosystem_specific?: object;
}

export interface OsvRange {
  type: 'ECOSYSTEM' | 'SEMVER';
  events: ({ introduced: string } | { fixed: string } | { last_affected: string })[];
}

/** Input of a record. */
export interface OsvParts {
  /** Vulnerability that supplies the details. */
  details: string;
  aliases: readonly string[];
  modified: string;
  /** Its affected packages as JSON. */
  affected: readonly string[];
  /** Of the database that reviewed it. */
  severity?: Severity;
  feed: Feed;
}

/** Fields of schema 1.6 only: readers drop records with a field that they do not know. */
const schemaVersion = '1.6.0';

/** A record as JSON. Undefined: its id is not one that a record can have. */
export function osvRecord(
  own: string,
  { details, aliases, modified, affected, severity: rated = 'unknown', feed }: OsvParts,
): { id: string; text: string } | undefined {
  if (!/^[A-Z]+-[\w.-]+$/.test(own)) return undefined;
  const {
    title,
    description,
    references = [],
    published,
    cvss = [],
  } = feed.vulnerability(details) ?? noDetails;
  const assessment = feed.assessment(details);
  const nvd = assessment?.rejected
    ? []
    : (assessment?.ratings ?? []).filter(({ source }) => source === 'nvd');
  const severity = [
    ...severities(nvd.length > 0 ? nvd : (cvss as readonly Pick<Rating, 'version' | 'vector'>[])),
  ];
  const others = aliases.filter((id) => id !== own);
  const word = severityWords[rated];
  const head = {
    schema_version: schemaVersion,
    id: own,
    modified,
    ...(published === undefined ? {} : { published: utc(published) }),
    ...(others.length > 0 ? { aliases: others } : {}),
    ...(title === undefined ? {} : { summary: title }),
    ...(description === undefined ? {} : { details: description }),
    ...(severity.length > 0 ? { severity } : {}),
    ...(references.length > 0 ? { references: references.map((url) => ({ type: 'WEB', url })) } : {}),
    ...(word === undefined ? {} : { database_specific: { severity: word } }),
  };
  return { id: own, text: `${JSON.stringify(head).slice(0, -1)},"affected":[${affected.join()}]}\n` };
}

/** The words of the GitHub Advisory Database. */
const severityWords: Readonly<Partial<Record<Severity, string>>> = {
  ...{ critical: 'CRITICAL', high: 'HIGH', medium: 'MODERATE', low: 'LOW' },
};

const noDetails: Partial<Vulnerability> = {};

/** At most one score of each version that OSV has a type for. */
function* severities(scores: readonly Pick<Rating, 'version' | 'vector'>[]) {
  const types = { '4.0': 'CVSS_V4', '3.1': 'CVSS_V3', '3.0': 'CVSS_V3', '2.0': 'CVSS_V2' } as const;
  const seen = new Set<string>();
  for (const { version, vector } of scores) {
    const type = types[version];
    if (seen.has(type)) continue;
    seen.add(type);
    yield { type, score: vector };
  }
}

function utc(date: string): string {
  return new Date(date).toISOString().replace('.000Z', 'Z');
}
