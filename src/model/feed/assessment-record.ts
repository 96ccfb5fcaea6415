import { compareCodeUnits } from '../order.ts';
import { type Assessment, type Exploited, type Rating, type Ssvc, sortRatings } from './assessment.ts';

/** Line of `index/ratings.jsonl`. Ratings and SSVC are texts of words: as objects they would triple the blocks that a scan reads. */
export interface RatingsRecord {
  id: string;
  cwe?: readonly string[];
  /** As in `Assessment`. */
  deferred?: true;
  /** `SOURCE VERSION SCORE VECTOR [DATE]`, the vector without its prefix: `nvd 3.1 7.8 AV:L/AC:L/… 2024-03-02`. */
  ratings?: readonly string[];
  rejected?: true;
  /** `EXPLOITATION AUTOMATABLE IMPACT [DATE]`. */
  ssvc?: string;
}

/** Line of `index/exploited.jsonl`. */
export interface ExploitedRecord extends Exploited {
  id: string;
}

/**
 * Line of `index/epss.jsonl`: the probabilities of a thousand numbers of one year, in hundred-thousandths, as FIRST publishes
 * them. `CVE-2024-12` has CVE-2024-12000 to 12999. Each text has one character of `epssDigits` for each number, so that a scan
 * of a thousand flaws finds theirs without parsing every line.
 */
export interface EpssBlock {
  block: string;
  /** The number: 32 x tens + ones. */
  tens: string;
  ones: string;
  /** The probability: 4096 x high + 64 x middle + low. */
  high: string;
  middle: string;
  low: string;
}

const epssDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The block of these scores, which are in the order of their numbers. */
export function epssBlock(
  block: string,
  scores: readonly (readonly [at: number, probability: number])[],
): EpssBlock {
  const text = (digit: (at: number, probability: number) => number) =>
    scores.map(([at, probability]) => epssDigits[digit(at, probability)]!).join('');
  return {
    block,
    tens: text((at) => at >> 5),
    ones: text((at) => at & 31),
    high: text((_, probability) => probability >> 12),
    middle: text((_, probability) => (probability >> 6) & 63),
    low: text((_, probability) => probability & 63),
  };
}

/** Reverse of epssBlock. */
export function epssScores({
  tens,
  ones,
  high,
  middle,
  low,
}: EpssBlock): [at: number, probability: number][] {
  const digit = (text: string, at: number) => epssDigits.indexOf(text[at]!);
  return Array.from({ length: tens.length }, (_, at) => [
    32 * digit(tens, at) + digit(ones, at),
    4096 * digit(high, at) + 64 * digit(middle, at) + digit(low, at),
  ]);
}

const beforeTens = '{"block":"","tens":"'.length;
const beforeOnes = '","ones":"'.length;
const beforeHigh = '","high":"'.length;
const beforeMiddle = '","middle":"'.length;
const beforeLow = '","low":"'.length;

/** The probability of a number from the text of a line; undefined: it has none. */
export function probabilityIn(line: string, { block, at }: CvePlace): number | undefined {
  const tens = beforeTens + block.length;
  const count = line.indexOf('"', tens) - tens;
  const found = line.indexOf(epssDigits[at >> 5]!, tens);
  if (found < 0 || found >= tens + count) return undefined;
  // Of numbers with the same tens the ones ascend: the first that is alike is the one, or belongs to other tens.
  const ones = tens + count + beforeOnes;
  const place = line.indexOf(epssDigits[at & 31]!, ones + found - tens) - ones;
  if (place < 0 || place >= count || line[tens + place] !== line[found]) return undefined;
  const high = ones + count + beforeHigh;
  const middle = high + count + beforeMiddle;
  const low = middle + count + beforeLow;
  const digit = (from: number) => epssDigits.indexOf(line[from + place]!);
  return 4096 * digit(high) + 64 * digit(middle) + digit(low);
}

/** First line of `index/epss.jsonl`: the least probability of each thousandth of all scored vulnerabilities. */
export interface EpssPercentiles {
  table: typeof percentilesKey;
  least: readonly number[];
}

export const percentilesKey = '!percentiles';

/** EPSS gives five decimals. */
export const epssUnit = 100_000;

/** Numbers of more than four digits have no leading zero. */
const cveId = /^CVE-\d{4}-(?:\d{4}|[1-9]\d{4,14})$/;

/** The line of a file by thousands of numbers that a CVE is in, and its place there. */
export interface CvePlace {
  block: string;
  at: number;
}

/** Undefined: no CVE id. */
export function cvePlace(id: string): CvePlace | undefined {
  // Without the last three digits an id is that of its block: CVE-2024-0286 is in CVE-2024-0.
  return cveId.test(id) ? { block: id.slice(0, -3), at: Number(id.slice(-3)) } : undefined;
}

/** Reverse of cvePlace. */
export function cveOf({ block, at }: CvePlace): string {
  return block + String(at).padStart(3, '0');
}

/** The percentile of a probability in hundred-thousandths, in thousandths rounded down. */
export function epssPercentile(probability: number, least: readonly number[]): number {
  let low = 0;
  let high = least.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (least[middle]! <= probability) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1) / 1000;
}

/** The part of an assessment that `index/ratings.jsonl` holds; undefined: none. */
export function ratingsRecord(assessment: Assessment): RatingsRecord | undefined {
  const { id, cwe = [], deferred, ratings, rejected, ssvc } = assessment;
  if (ratings.length === 0 && cwe.length === 0 && !deferred && !rejected && !ssvc) return undefined;
  return {
    id,
    ...(cwe.length > 0 && { cwe: [...cwe].sort(compareCodeUnits) }),
    ...(deferred && { deferred }),
    ...(ratings.length > 0 && { ratings: sortRatings(ratings).map(ratingText) }),
    ...(rejected && { rejected }),
    ...(ssvc && { ssvc: ssvcText(ssvc) }),
  };
}

/** Reverse of ratingsRecord. */
export function assessmentOf({ id, cwe, deferred, ratings = [], rejected, ssvc }: RatingsRecord): Assessment {
  return {
    id,
    ...(rejected && { rejected }),
    ...(deferred && { deferred }),
    ratings: ratings.map(parseRating),
    ...(cwe && { cwe }),
    ...(ssvc !== undefined && { ssvc: parseSsvc(ssvc) }),
  };
}

function ratingText({ source, version, score, vector, date }: Rating): string {
  const words = [source, version, score, vector.replace(prefixOf(version), '')];
  return [...words, ...(date === undefined ? [] : [date])].join(' ');
}

function parseRating(text: string): Rating {
  const [source, version, score, vector, date] = text.split(' ');
  const rating = {
    source,
    version,
    score: Number(score),
    vector: `${prefixOf(version!)}${vector}`,
  } as Rating;
  if (date !== undefined) rating.date = date;
  return rating;
}

function prefixOf(version: string): string {
  return version === '2.0' ? '' : `CVSS:${version}/`;
}

function ssvcText({ exploitation, automatable, impact, date }: Ssvc): string {
  return [exploitation, automatable, impact, ...(date === undefined ? [] : [date])].join(' ');
}

function parseSsvc(text: string): Ssvc {
  const [exploitation, automatable, impact, date] = text.split(' ');
  const ssvc = { exploitation, automatable, impact } as Ssvc;
  if (date !== undefined) ssvc.date = date;
  return ssvc;
}

/**
 * The percentiles of a whole EPSS file, given its probabilities in hundred-thousandths and percentiles: the least
 * probability of each thousandth that has one.
 */
export function epssPercentiles(scores: Iterable<{ probability: number; percentile: number }>): number[] {
  const least = new Array<number>(1000).fill(Number.POSITIVE_INFINITY);
  for (const { probability, percentile } of scores) {
    const at = Math.min(999, Math.floor(percentile * 1000 + 1e-9));
    if (probability < least[at]!) least[at] = probability;
  }
  // A thousandth without a score begins where the next one does.
  for (let at = 998; at >= 0; at--) if (least[at]! > least[at + 1]!) least[at] = least[at + 1]!;
  return least.map((probability) => (Number.isFinite(probability) ? probability : epssUnit + 1));
}
