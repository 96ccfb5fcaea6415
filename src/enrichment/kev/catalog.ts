import { type Exploited, ScapfeedError } from '../../model/index.ts';
import { list, malformed, record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import { dayOf, isCveId } from '../shared/rating.ts';

export interface KevEntry extends Exploited {
  id: string;
}

export interface KevCatalog {
  entries: KevEntry[];
  /** Entries that cannot be read. */
  refused: { where: string; message: string }[];
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
  const entries = new Map<string, KevEntry>();
  const refused: KevCatalog['refused'] = [];
  for (let at = 0; at < items.length; at++) {
    const place = `${where}#/vulnerabilities/${at}`;
    const entry = readRecord(place, () => entryOf(items[at]));
    if (entry instanceof ScapfeedError) refused.push({ where: entry.where ?? place, message: entry.message });
    else if (entries.has(entry.id)) refused.push({ where: place, message: `${entry.id} is listed twice` });
    else entries.set(entry.id, entry);
  }
  // Its entries have another form now: by none of them every flaw would look unexploited.
  if (entries.size === 0) throw refusedList(where, refused[0]!.message);
  return {
    entries: [...entries.values()],
    refused,
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

function refusedList(where: string, reason: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected an entry that can be read, found none: ${reason}`,
    where,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}
