import type { AssessmentSource } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import { inputOf } from '../../sources/snapshots.ts';
import { definition } from '../definition.ts';
import { requirePast } from '../shared/list-date.ts';
import { type KevCatalog, parseCatalog } from './catalog.ts';

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
