import type { Feed } from '../../feed/read/feed.ts';
import type { Rating, Vulnerability } from '../../model/index.ts';

/** One package of one release in a record. */
export interface OsvAffected {
  package: { ecosystem: string; name: string };
  ranges: { type: 'ECOSYSTEM'; events: ({ introduced: string } | { fixed: string })[] }[];
  ecosystem_specific: object;
}

/** Fields of schema 1.6 only: readers drop records with a field that they do not know. */
const schemaVersion = '1.6.0';

/**
 * The record of a vulnerability as JSON, from the JSON of its affected packages. Undefined: its id is not one that a record
 * can have.
 */
export function osvRecord(
  id: string,
  prefix: string | undefined,
  modified: string,
  affected: readonly string[],
  feed: Feed,
): { id: string; text: string } | undefined {
  const own = `${prefix ?? ''}${id}`;
  if (!/^[A-Z]+-[\w.-]+$/.test(own) || (prefix === undefined && !id.startsWith('CVE-'))) return undefined;
  const { title, description, references = [], published, cvss = [] } = feed.vulnerability(id) ?? noDetails;
  const assessment = feed.assessment(id);
  const nvd = assessment?.rejected
    ? []
    : (assessment?.ratings ?? []).filter(({ source }) => source === 'nvd');
  const severity = [
    ...severities(nvd.length > 0 ? nvd : (cvss as readonly Pick<Rating, 'version' | 'vector'>[])),
  ];
  const head = {
    schema_version: schemaVersion,
    id: own,
    modified,
    ...(published === undefined ? {} : { published: utc(published) }),
    ...(own !== id && id.startsWith('CVE-') ? { aliases: [id] } : {}),
    ...(title === undefined ? {} : { summary: title }),
    ...(description === undefined ? {} : { details: description }),
    ...(severity.length > 0 ? { severity } : {}),
    ...(references.length > 0 ? { references: references.map((url) => ({ type: 'WEB', url })) } : {}),
  };
  return { id: own, text: `${JSON.stringify(head).slice(0, -1)},"affected":[${affected.join()}]}\n` };
}

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
