import type { AssessmentSource } from '../../sources/contract.ts';
import { downloadFirst } from '../../sources/download.ts';
import { inputOf } from '../../sources/snapshots.ts';
import { definition } from '../definition.ts';
import { requirePast } from '../shared/list-date.ts';
import { type EuList, parseList } from './list.ts';

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
