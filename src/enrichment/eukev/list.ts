import { type EuExploited, ScapfeedError } from '../../model/index.ts';
import { list, malformed, record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import { type ReadEntries, readEntries } from '../shared/entries.ts';
import { dayOf, isCveId } from '../shared/rating.ts';

/** An entry of the EU's list. */
export interface EuEntry {
  /** Undefined: the flaw has no CVE id. */
  id?: string;
  listed: EuExploited;
}

export interface EuList extends ReadEntries<EuEntry> {
  /** Its newest entry, YYYY-MM-DD: the document has no date of its own. */
  newest: string;
}

/**
 * Reads the list. Both of its forms are known: that of 2025, with texts where there may be several words and `-` for none, and that of
 * its schema since 2026, with arrays.
 * @throws SOURCE_NOT_JSON, SOURCE_MALFORMED
 */
export function parseList(text: string, where: string): EuList {
  const items = readRecord(where, () => {
    const all = list<unknown>(parseJsonText(text), '');
    if (all.length === 0) throw malformed('', 'an entry', 'none');
    return all;
  });
  if (items instanceof ScapfeedError) throw items;
  let newest = '';
  const entry = (item: unknown) => {
    const read = entryOf(item);
    if (read.listed.reported > newest) newest = read.listed.reported;
    return read;
  };
  const read = readEntries(items, [where, ''], entry, ({ id, listed }) => id ?? listed.id);
  return { ...read, newest };
}

function entryOf(value: unknown): EuEntry {
  const { cveID, euvdID, dateReported, exploitationType } = record(value, '');
  if (typeof euvdID !== 'string' || !/^EUVD-\d{4}-\d{1,15}$/.test(euvdID))
    throw malformed('/euvdID', 'an EUVD id', euvdID);
  const isNone = cveID === undefined || cveID === '' || cveID === '-';
  if (!isNone && !isCveId(cveID)) throw malformed('/cveID', 'a CVE id', cveID);
  const reported = dayOf(typeof dateReported === 'string' ? dateReported.replaceAll('/', '-') : dateReported);
  if (reported === undefined) throw malformed('/dateReported', 'a day', dateReported);
  const uses = Array.isArray(exploitationType) ? exploitationType : [exploitationType];
  const isRansomware = uses.some((use) => typeof use === 'string' && use.toLowerCase() === 'ransomware');
  return {
    ...(!isNone && { id: cveID as string }),
    listed: { id: euvdID, reported, ...(isRansomware && { ransomware: true }) },
  };
}
