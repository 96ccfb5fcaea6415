import { type Exploited, ScapfeedError } from '../../model/index.ts';
import { list, malformed, record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import { type ReadEntries, readEntries } from '../shared/entries.ts';
import { dayOf, isCveId } from '../shared/rating.ts';

export interface KevEntry extends Exploited {
  id: string;
}

export interface KevCatalog extends ReadEntries<KevEntry> {
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
