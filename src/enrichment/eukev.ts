import { ScapfeedError } from '../model/error.ts';
import type { EuExploited } from '../model/feed/index.ts';
import type { AssessmentSource } from '../sources/contract.ts';
import { downloadFirst } from '../sources/download.ts';
import { list, malformed, record } from '../sources/fields.ts';
import { parseJsonText, readRecord } from '../sources/foreign-record.ts';
import { inputOf } from '../sources/snapshots.ts';
import { definition } from './definition.ts';
import { type ReadEntries, readEntries, requirePast } from './shared/entries.ts';
import { dayOf, isCveId } from './shared/rating.ts';

const id = 'eukev';
const maxBytes = 2 ** 26;

/** The list of exploited vulnerabilities by the EU's CSIRTs network and ENISA: one document, at one of two places. */
export const source: AssessmentSource = {
  id,
  name: 'EU Known Exploited Vulnerabilities',
  licence: 'its publisher states none',
  terms: 'unclear',
  byNameOnly: true,
  unsealed: true,
  attribution:
    'Known exploited vulnerabilities by the EU CSIRTs network and ENISA, https://github.com/enisaeu/CNW',
  fetch: async (context) => [
    await downloadFirst(context, definition.eukev.urls, (at) => ({
      ...{ id, source: id, kind: 'json', maxBytes },
      verify: async (blob) => {
        const { newest } = readList(await context.store.read(blob, maxBytes), at);
        requirePast(newest, context.now, at);
      },
    })),
  ],
  async read(inputs, store, out) {
    const input = inputOf(inputs, id);
    const { entries, refused, newest } = readList(await store.read(input, maxBytes), input.id);
    out.dated(input.id, newest);
    for (const { where, message } of refused) out.ledger.drop('malformed_record', where, message);
    let others = 0;
    for (const { id: cve, listed: eu } of entries) {
      if (cve === undefined) out.ledger.drop('no_cve', input.id, eu.id);
      else if (out.isSpokenOf(cve)) {
        out.ledger.use();
        out.assess({ id: cve, ratings: [], exploited: { added: eu.reported, eu, only: 'eu' } });
      } else others += 1;
    }
    out.ledger.drop('not_in_feed', input.id, undefined, others);
  },
};

function readList(bytes: Buffer, where: string): EuList {
  return parseList(bytes.toString('utf8'), where);
}

/** An entry of the EU's list. */
interface EuEntry {
  /** Undefined: the flaw has no CVE id. */
  id?: string;
  listed: EuExploited;
}

interface EuList extends ReadEntries<EuEntry> {
  /** Its newest entry, YYYY-MM-DD: the document has no date of its own. */
  newest: string;
}

/**
 * Reads the list. Both of its forms are known: that of 2025, with texts where there may be several words and `-` for none, and that of
 * its schema since 2026, with arrays.
 * @throws SOURCE_NOT_JSON, SOURCE_MALFORMED
 */
function parseList(text: string, where: string): EuList {
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
