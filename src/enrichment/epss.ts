import { readAll } from '../io/bytes.ts';
import { decompress } from '../io/decompress.ts';
import { ScapfeedError } from '../model/error.ts';
import { epssPercentiles, epssUnit } from '../model/feed/index.ts';
import type { AssessmentSource } from '../sources/contract.ts';
import { downloadFirst } from '../sources/download.ts';
import { inputOf, type SnapshotStore, type SourceInput } from '../sources/snapshots.ts';
import { definition } from './definition.ts';
import { isCveId } from './shared/rating.ts';

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

interface EpssScore {
  id: string;
  /** In hundred-thousandths. */
  probability: number;
  /** 0..1. */
  percentile: number;
}

interface EpssScores {
  scores: EpssScore[];
  /** Rows that cannot be read. */
  refused: { where: string; detail: string }[];
  /** ISO 8601 with a zone; files before 2022 have no date. */
  date?: string;
  model?: string;
}

/** With more unreadable rows than this, the file is not accepted as an EPSS file. */
const malformedShare = 0.01;

/**
 * Reads the file of a day in any of its forms: `cve,epss` (2021-04), `cve,epss,percentile` (2021-09), and since 2022-02 with a
 * comment that has model and date. Small probabilities are in exponent notation.
 * @throws SOURCE_MALFORMED
 */
export function parseScores(text: string, where: string): EpssScores {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const comment = lines[0]?.startsWith('#') ? commentOf(lines[0], where) : undefined;
  const start = comment ? 1 : 0;
  const header = (lines[start] ?? '').replace(/\r$/, '');
  if (header !== 'cve,epss,percentile' && header !== 'cve,epss')
    throw malformed(`the columns cve,epss,percentile`, header, `${where} line ${start + 1}`);
  const columns = header.split(',').length;
  const scores = new Map<string, EpssScore>();
  const refused: EpssScores['refused'] = [];
  for (let at = start + 1; at < lines.length; at++) {
    const row = lines[at]!;
    const score = scoreOf(row, columns);
    if (score && !scores.has(score.id)) scores.set(score.id, score);
    else refused.push({ where: `${where}#line:${at + 1}`, detail: row.slice(0, 80) });
  }
  if (scores.size === 0) throw malformed('rows', `${refused.length} that cannot be read`, where);
  if (refused.length > malformedShare * (scores.size + refused.length) && refused.length > 20)
    throw malformed('rows of id, probability and percentile', refused[0]!.detail, refused[0]!.where);
  const all = [...scores.values()];
  if (columns === 2) rank(all);
  return { scores: all, refused, ...comment };
}

/** `#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z`; older ones write the zone as +0000. */
function commentOf(line: string, where: string): { date: string; model: string } {
  const [, model, date] = /^#model_version:([!-+.-~]{1,80}),score_date:([0-9T:.+Z-]+)\r?$/.exec(line) ?? [];
  const zoned = date?.replace(/([+-]\d\d)(\d\d)$/, '$1:$2') ?? '';
  if (model === undefined || !/^[^T]*T.*(Z|[+-]\d\d:\d\d)$/.test(zoned) || Number.isNaN(Date.parse(zoned)))
    throw malformed('#model_version:…,score_date:…', line, `${where} line 1`);
  return { date: zoned, model };
}

/** More than id and two numbers have. */
const longestRow = 200;

const number = /^(?:0|1|0?\.\d+|[01]\.\d+|\d(?:\.\d+)?e-\d{1,3})$/i;

function scoreOf(row: string, columns: number): EpssScore | undefined {
  if (row.length > longestRow) return undefined;
  const fields = row.replace(/\r$/, '').split(',');
  const [id, epss = '', percentile = '0'] = fields;
  if (fields.length !== columns || !isCveId(id) || !number.test(epss) || !number.test(percentile))
    return undefined;
  const score = { id, probability: Math.round(Number(epss) * epssUnit), percentile: Number(percentile) };
  return score.probability <= epssUnit && score.percentile <= 1 ? score : undefined;
}

/** Percentiles of a file without them: the share of all scores that are not higher. */
function rank(scores: EpssScore[]): void {
  const sorted = scores.map(({ probability }) => probability).sort((a, b) => a - b);
  const notHigher = new Map(sorted.map((probability, at) => [probability, (at + 1) / sorted.length]));
  for (const score of scores) score.percentile = notHigher.get(score.probability)!;
}

function malformed(expected: string, found: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected ${expected}, found ${JSON.stringify(found.slice(0, 80))}`,
    where,
    remedy: 'check the address; the last good snapshot is kept',
  });
}
