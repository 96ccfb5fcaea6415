import { readAll } from '../../io/bytes.ts';
import { decompress } from '../../io/decompress.ts';
import { epssPercentiles, epssUnit } from '../../model/index.ts';
import type { AssessmentSource } from '../../sources/contract.ts';
import { downloadFirst } from '../../sources/download.ts';
import { inputOf, type SnapshotStore, type SourceInput } from '../../sources/snapshots.ts';
import { definition } from '../definition.ts';
import { type EpssScores, parseScores } from './scores.ts';

const id = 'epss';
const maxPacked = 2 ** 26;
const maxText = 2 ** 28;

/** FIRST's daily scores: one file, served by two hosts. */
export const source: AssessmentSource = {
  id,
  isSampled: true,
  name: 'FIRST EPSS',
  licence: 'free to use; FIRST asks for attribution',
  unsealed: true,
  attribution: 'Exploit Prediction Scoring System (EPSS) by FIRST.org, https://www.first.org/epss/',
  fetch: async (context) => [
    await downloadFirst(context, definition.epss.urls, (at) => ({
      ...{ id, source: id, kind: 'packed', maxBytes: maxPacked },
      verify: async (blob) => void (await readScores(blob, context.store, at)),
    })),
  ],
  async read(inputs, store, out) {
    const input = inputOf(inputs, id);
    const { scores, refused, date, model } = await readScores(input, store, input.id);
    if (date !== undefined) out.dated(input.id, date);
    if (model !== undefined) out.versioned(input.id, model);
    for (const { where, detail } of refused) out.ledger.drop('malformed_record', where, detail);
    out.percentiles(epssPercentiles(scores));
    let others = 0;
    for (const { id: cve, probability, percentile } of scores) {
      if (!out.isSpokenOf(cve)) {
        others += 1;
        continue;
      }
      out.ledger.use();
      out.assess({ id: cve, ratings: [], epss: { probability: probability / epssUnit, percentile } });
    }
    out.ledger.drop('not_in_feed', input.id, undefined, others);
  },
};

async function readScores(
  blob: Pick<SourceInput, 'sha256' | 'size'>,
  store: SnapshotStore,
  where: string,
): Promise<EpssScores> {
  const plain = decompress(store.open(blob), { maxBytes: maxText, where });
  const text = await readAll(plain, { maxBytes: maxText, code: 'SOURCE_TOO_LARGE', where });
  return parseScores(text.toString('latin1'), where);
}
