import { ScapfeedError } from '../model/error.ts';
import type { Exploited } from '../model/feed/index.ts';
import type { AssessmentSource } from '../sources/contract.ts';
import { download } from '../sources/download.ts';
import { list, malformed, record } from '../sources/fields.ts';
import { parseJsonText, readRecord } from '../sources/foreign-record.ts';
import { inputOf } from '../sources/snapshots.ts';
import { definition } from './definition.ts';
import { type ReadEntries, readEntries, requirePast } from './shared/entries.ts';
import { dayOf, isCveId } from './shared/rating.ts';

const id = 'kev';
const maxBytes = 2 ** 26;

/** CISA's catalog of vulnerabilities that are known to be exploited: one document, fetched when it has changed. */
export const source: AssessmentSource = {
  id,
  isSampled: true,
  name: 'CISA Known Exploited Vulnerabilities',
  licence: 'CC0-1.0',
  unsealed: true,
  attribution:
    'Known exploited vulnerabilities by CISA, https://www.cisa.gov/known-exploited-vulnerabilities-catalog',
  async fetch(context) {
    const { url } = definition.kev;
    const snapshot = await download(context, {
      id,
      source: id,
      url,
      kind: 'json',
      maxBytes,
      verify: async (blob) => {
        const { released } = readCatalog(await context.store.read(blob, maxBytes), url);
        requirePast(released, context.now, url);
      },
    });
    return [snapshot];
  },
  async read(inputs, store, out) {
    const input = inputOf(inputs, id);
    const { entries, refused, released, version } = readCatalog(await store.read(input, maxBytes), input.id);
    out.dated(input.id, released);
    if (version !== undefined) out.versioned(input.id, version);
    for (const { where, message } of refused) out.ledger.drop('malformed_record', where, message);
    let others = 0;
    for (const { id: cve, ...exploited } of entries) {
      if (!out.isSpokenOf(cve)) {
        others += 1;
        continue;
      }
      out.ledger.use();
      out.assess({ id: cve, ratings: [], exploited });
    }
    out.ledger.drop('not_in_feed', input.id, undefined, others);
  },
};

function readCatalog(bytes: Buffer, where: string): KevCatalog {
  return parseCatalog(bytes.toString('utf8'), where);
}

interface KevEntry extends Exploited {
  id: string;
}

interface KevCatalog extends ReadEntries<KevEntry> {
  /** ISO 8601. */
  released: string;
  version?: string;
}

/**
 * Reads the catalog. A document that was cut and closed again is valid JSON: the number of entries that it gives must be the
 * number that it has.
 * @throws SOURCE_NOT_JSON, SOURCE_MALFORMED
 */
export function parseCatalog(text: string, where: string): KevCatalog {
  const catalog = readRecord(where, () => {
    const { count, vulnerabilities, dateReleased, catalogVersion } = record(parseJsonText(text), '');
    const items = list<unknown>(vulnerabilities, '/vulnerabilities');
    if (typeof count !== 'number') throw malformed('/count', 'the number of entries', count);
    if (count !== items.length || count === 0)
      throw malformed('/count', `the number of entries, ${items.length}`, String(count));
    if (dayOf(dateReleased) === undefined) throw malformed('/dateReleased', 'a date', dateReleased);
    return { items, released: String(dateReleased), version: catalogVersion };
  });
  if (catalog instanceof ScapfeedError) throw catalog;
  const { items, released, version } = catalog;
  return {
    ...readEntries(items, [where, '/vulnerabilities'], entryOf, ({ id }) => id),
    released,
    ...(typeof version === 'string' && /^[!-~]{1,80}$/.test(version) && { version }),
  };
}

function entryOf(value: unknown): KevEntry {
  const { cveID, dateAdded, dueDate, knownRansomwareCampaignUse } = record(value, '');
  if (!isCveId(cveID)) throw malformed('/cveID', 'a CVE id', cveID);
  const added = dayOf(dateAdded);
  if (added === undefined) throw malformed('/dateAdded', 'a day', dateAdded);
  const due = dayOf(dueDate);
  return {
    id: cveID,
    added,
    ...(due !== undefined && { due }),
    ...(knownRansomwareCampaignUse === 'Known' && { ransomware: true }),
  };
}
