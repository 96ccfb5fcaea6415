import { epssUnit, ScapfeedError } from '../../model/index.ts';
import { isCveId } from '../shared/rating.ts';

export interface EpssScore {
  id: string;
  /** In hundred-thousandths. */
  probability: number;
  /** 0..1. */
  percentile: number;
}

export interface EpssScores {
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
