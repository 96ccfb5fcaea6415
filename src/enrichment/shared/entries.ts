import { aheadText, daysOld } from '../../model/data-date.ts';
import { ScapfeedError } from '../../model/error.ts';
import { readRecord } from '../../sources/foreign-record.ts';

/** Entries of a list of exploited vulnerabilities. */
export interface ReadEntries<Entry> {
  entries: Entry[];
  /** Entries that cannot be read. */
  refused: { where: string; message: string }[];
}

/**
 * Reads the items at a pointer of a document, each id once; none are readable when their form has changed, and every flaw would
 * look unexploited. @throws SOURCE_MALFORMED if no entry can be read
 */
export function readEntries<Entry>(
  items: readonly unknown[],
  [where, pointer]: readonly [where: string, pointer: string],
  entryOf: (item: unknown) => Entry,
  idOf: (entry: Entry) => string,
): ReadEntries<Entry> {
  const entries = new Map<string, Entry>();
  const refused: ReadEntries<Entry>['refused'] = [];
  for (const [at, item] of items.entries()) {
    const place = `${where}#${pointer}/${at}`;
    const entry = readRecord(place, () => entryOf(item));
    if (entry instanceof ScapfeedError) {
      refused.push({ where: entry.where ?? place, message: entry.message });
      continue;
    }
    const id = idOf(entry);
    if (entries.has(id)) refused.push({ where: place, message: `${id} is listed twice` });
    else entries.set(id, entry);
  }
  if (entries.size > 0) return { entries: [...entries.values()], refused };
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected an entry that can be read, found none: ${refused[0]!.message}`,
    where,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}

/**
 * Refuses a list that is dated ahead of the fetch: no later list would be newer, and its age would be unknown.
 * @throws {ScapfeedError} SOURCE_MALFORMED
 */
export function requirePast(date: string, now: Date, where: string): void {
  if (daysOld(date, now) >= 0) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `the list is of ${date.slice(0, 10)}, ${aheadText}`,
    where,
    remedy: 'check the clock, or fetch it again later; the last good snapshot is kept',
  });
}
