import { type EuExploited, ScapfeedError } from '../../model/index.ts';
import { list, malformed, record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import { dayOf, isCveId } from '../shared/rating.ts';

/** An entry of the EU's list. */
export interface EuEntry {
  /** Undefined: the flaw has no CVE id. */
  id?: string;
  listed: EuExploited;
}

export interface EuList {
  entries: EuEntry[];
  /** Entries that cannot be read. */
  refused: { where: string; message: string }[];
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
  const entries = new Map<string, EuEntry>();
  const refused: EuList['refused'] = [];
  let newest = '';
  for (let at = 0; at < items.length; at++) {
    const place = `${where}#/${at}`;
    const entry = readRecord(place, () => entryOf(items[at]));
    if (entry instanceof ScapfeedError) {
      refused.push({ where: entry.where ?? place, message: entry.message });
      continue;
    }
    const { id = entry.listed.id, listed } = entry;
    if (entries.has(id)) refused.push({ where: place, message: `${id} is listed twice` });
    else entries.set(id, entry);
    if (listed.reported > newest) newest = listed.reported;
  }
  // Its entries have another form now: by none of them every flaw would look unexploited.
  if (entries.size === 0) throw refusedList(where, refused[0]!.message);
  return { entries: [...entries.values()], refused, newest };
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

function refusedList(where: string, reason: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected an entry that can be read, found none: ${reason}`,
    where,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}
