import type { Rating } from '../../model/index.ts';
import { list, malformed, record } from '../../sources/fields.ts';
import { type Fact, factOf } from '../shared/fact.ts';
import { cweOf, dayOf, isCveId, keepFirst, ratingOf } from '../shared/rating.ts';

/** NVD's own judgement; other entries repeat those of CNAs and CISA. */
const own = 'nvd@nist.gov';

const lists = [
  ['cvssMetricV40', 'cvssV4_0'],
  ['cvssMetricV31', 'cvssV3_1'],
  ['cvssMetricV30', 'cvssV3_0'],
  ['cvssMetricV2', 'cvssV2_0'],
] as const;

/** With more entries than this a list is none that a person made. */
const mostEntries = 64;

/** Reads NVD's facts about one CVE. Throws for a record of another form. */
export function readNvdRecord(value: unknown): Fact {
  const cve = record(record(value, '').cve, '/cve');
  const { id, lastModified, vulnStatus, metrics, weaknesses } = cve;
  if (!isCveId(id)) throw malformed('/cve/id', 'a CVE id', id);
  const updated = utc(lastModified);
  if (updated === undefined) throw malformed('/cve/lastModified', 'a date', lastModified);
  const rejected = vulnStatus === 'Rejected';
  const ratings = rejected ? [] : ratingsIn(record(metrics ?? {}, '/cve/metrics'), dayOf(updated));
  const cwe = rejected ? [] : weaknessesIn(weaknesses);
  return factOf({ id, ratings, cwe, ...(rejected && { rejected }) }, { updated });
}

function ratingsIn(metrics: Record<string, unknown>, date: string | undefined): Rating[] {
  const ratings: Rating[] = [];
  for (const [name, key] of lists) {
    const pointer = `/cve/metrics/${name}`;
    const entries = list<unknown>(metrics[name], pointer);
    if (entries.length > mostEntries)
      throw malformed(pointer, `at most ${mostEntries} entries`, `${entries.length}`);
    for (let at = 0; at < entries.length; at++) {
      const { source, cvssData } = record(entries[at], `${pointer}/${at}`);
      if (source !== own) continue;
      ratings.push(ratingOf(cvssData, key, `${pointer}/${at}/cvssData`, { source: 'nvd', date }));
    }
  }
  return keepFirst(ratings).kept;
}

function weaknessesIn(value: unknown): string[] {
  const found = new Set<string>();
  for (const item of list<unknown>(value, '/cve/weaknesses').slice(0, mostEntries)) {
    const { source, description } = record(item, '/cve/weaknesses');
    if (source !== own) continue;
    for (const each of list<unknown>(description, '/cve/weaknesses/description').slice(0, mostEntries)) {
      const cwe = cweOf(record(each, '/cve/weaknesses/description').value);
      if (cwe !== undefined) found.add(cwe);
    }
  }
  return [...found];
}

/** Times of NVD have no zone: they are UTC. */
export function utc(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?$/.test(value))
    return undefined;
  const time = Date.parse(`${value}Z`);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
