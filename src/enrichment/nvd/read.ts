import { decompress } from '../../io/decompress.ts';
import { readItems } from '../../io/json-items.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Rating } from '../../model/feed/index.ts';
import type { AssessmentSink } from '../../sources/contract.ts';
import { list, malformed, record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import { type Facts, factsPath, keptFacts, removeOtherFacts } from '../../sources/kept-facts.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import type { EnrichmentDefinition } from '../definition.ts';
import { type Fact, factOf, partOf } from '../shared/fact.ts';
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
function readNvdRecord(value: unknown): Fact {
  const cve = record(record(value, '').cve, '/cve');
  const { id, lastModified, vulnStatus, metrics, weaknesses } = cve;
  if (!isCveId(id)) throw malformed('/cve/id', 'a CVE id', id);
  const updated = utc(lastModified);
  if (updated === undefined) throw malformed('/cve/lastModified', 'a date', lastModified);
  const rejected = vulnStatus === 'Rejected';
  const ratings = rejected ? [] : ratingsIn(record(metrics ?? {}, '/cve/metrics'), dayOf(updated));
  const cwe = rejected ? [] : weaknessesIn(weaknesses);
  const deferred = vulnStatus === 'Deferred' && ratings.length === 0;
  return factOf(
    { id, ratings, cwe, ...(rejected && { rejected }), ...(deferred && { deferred }) },
    { updated },
  );
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
function utc(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?$/.test(value))
    return undefined;
  const time = Date.parse(`${value}Z`);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** To be raised when the facts of a feed change. */
const readerVersion = 2;

/** Limits of a feed's unpacked text and of one record; the largest year has 120 MB. */
export const maxFeedBytes = 2 ** 30;
const maxRecordBytes = 2 ** 23;

/** Facts of all feeds: a record counts as its latest document has it. */
export async function readNvd(
  inputs: readonly SourceInput[],
  store: SnapshotStore,
  out: AssessmentSink,
  { firstYear, updates }: EnrichmentDefinition['nvd'],
): Promise<void> {
  const feeds = inputs.filter(({ id }) => !id.endsWith('-meta'));
  noteAbsences(feeds, inputs, { firstYear, updates }, out);
  const seen = new Map<string, string>();
  // Feeds of changes come first, so that what they replace is known when it is read.
  const isUpdate = ({ id }: SourceInput) => updates.some((name) => id === `nvd-${name}`);
  const ordered = [...feeds.filter(isUpdate), ...feeds.filter((input) => !isUpdate(input))];
  for (const input of ordered) {
    const facts = await nvdFacts(input, store);
    facts.account(out.ledger);
    if (facts.date !== undefined) out.dated(input.id, facts.date);
    takeFacts(facts, input, seen, out);
  }
  await removeOtherFacts(
    'nvd-',
    feeds.map(({ id, sha256 }) => factsPath(id, sha256, store, readerVersion)),
  );
}

function takeFacts(facts: Facts, input: SourceInput, seen: Map<string, string>, out: AssessmentSink): void {
  let others = 0;
  let replaced = 0;
  for (const [id, line] of facts.records()) {
    if (!out.isSpokenOf(id)) {
      others += 1;
      continue;
    }
    const fact = JSON.parse(line()) as Fact;
    const known = seen.get(id);
    if (known !== undefined) {
      // A year that was fetched after the changes may have a later record than they have.
      replaced += 1;
      if (known >= fact.updated!) continue;
    } else out.ledger.use();
    seen.set(id, fact.updated!);
    if (fact.rejected) out.ledger.doubt('rejected', `${input.id}#${id}`);
    out.assess(partOf(fact));
  }
  out.ledger.drop('not_in_feed', input.id, undefined, others);
  out.ledger.drop('other_version_used', input.id, undefined, replaced);
}

/** A mirror may lack years, or the documents that have the digests. */
function noteAbsences(
  feeds: readonly SourceInput[],
  inputs: readonly SourceInput[],
  { firstYear, updates }: Pick<EnrichmentDefinition['nvd'], 'firstYear' | 'updates'>,
  { ledger }: AssessmentSink,
): void {
  const ids = new Set(inputs.map(({ id }) => id));
  const years = feeds.flatMap(({ id }) => (/^nvd-\d{4}$/.test(id) ? Number(id.slice(4)) : []));
  for (let year = firstYear; year < Math.max(...years, firstYear); year++)
    if (!years.includes(year)) ledger.doubt('year_missing', `nvd-${year}`);
  for (const name of updates) if (!ids.has(`nvd-${name}`)) ledger.doubt('changes_missing', `nvd-${name}`);
  for (const { id } of feeds) if (!ids.has(`${id}-meta`)) ledger.doubt('digest_missing', id);
}

/** The facts of one feed, kept beside the snapshots. */
export function nvdFacts(
  input: Pick<SourceInput, 'id' | 'sha256' | 'size'>,
  store: SnapshotStore,
): Promise<Facts> {
  return keptFacts(input, store, readerVersion, async (out) => {
    const where = input.id;
    const malformed = (at: number, detail: string) =>
      out.finding({
        reason: 'malformed_record',
        dropped: true,
        where: `${where}#/vulnerabilities/${at}`,
        detail,
      });
    const tooLong: number[] = [];
    const body = decompress(store.open(input), { maxBytes: maxFeedBytes, where });
    const options = {
      list: 'vulnerabilities',
      maxItemBytes: maxRecordBytes,
      where,
      tooLong: (at: number) => void tooLong.push(at),
    };
    let items = 0;
    for await (const read of readItems(body, options)) {
      if ('rest' in read) {
        requireFeed(read.rest, items + tooLong.length, where, out.dated);
        continue;
      }
      items += 1;
      const fact = readRecord('', () => readNvdRecord(parseJsonText(read.item)));
      if (fact instanceof ScapfeedError)
        await malformed(read.at, `${fact.where ?? ''} ${fact.message}`.trim());
      else await out.fact(fact);
    }
    for (const at of tooLong) await malformed(at, `more than ${maxRecordBytes} bytes`);
  });
}

/** A feed says what it is and how many records it has; one that was cut and closed again is valid JSON all the same. */
function requireFeed(rest: string, items: number, where: string, dated: (date: string) => void): void {
  const feed = readRecord(where, () => record(parseJsonText(rest), ''));
  if (feed instanceof ScapfeedError) throw feed;
  const { format, version, totalResults, timestamp } = feed;
  const date = utc(timestamp);
  const whole = format === 'NVD_CVE' && version === '2.0' && totalResults === items;
  if (whole && date !== undefined) {
    dated(date);
    return;
  }
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected a feed of NVD_CVE 2.0 with ${items} records and a date, found ${JSON.stringify(rest.slice(0, 160))}`,
    where,
    remedy: 'fetch the feed again; the last good snapshot is kept',
  });
}
