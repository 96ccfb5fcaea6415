import type { Assessment, CvssVersion, Rating, RatingSource, Score } from './assessment.ts';

/**
 * Line of `index/ratings.scores.jsonl`: the newest score of each source for a thousand numbers of one year. It repeats of
 * `index/ratings.jsonl` what decides severities: a scan of a thousand flaws reads it in a tenth of the time.
 */
export interface ScoresRecord {
  block: string;
  /** The last three digits of each id. */
  numbers: string;
  /** For each of them a cell of nine characters. */
  scores: string;
}

/** In a cell each source has three characters: version and score, `398` for 9.8 by version 3.1, or `---`. */
const sourcesOfCell = ['nvd', 'cisa', 'cna'] as const satisfies RatingSource[];
const sourceWidth = 3;
const cellWidth = sourceWidth * sourcesOfCell.length;
const none = '---';
const rejected = 'rejected-';

const versionCodes: Readonly<Record<CvssVersion, string>> = {
  '4.0': '4',
  '3.1': '3',
  '3.0': '0',
  '2.0': '2',
};
const versionsByCode: Readonly<Record<string, CvssVersion | undefined>> = {
  4: '4.0',
  3: '3.1',
  0: '3.0',
  2: '2.0',
};

/** Undefined: no source has scored it, and its CVE record is not rejected. */
export function scoreCell(assessment: Pick<Assessment, 'ratings' | 'rejected'>): string | undefined {
  if (assessment.rejected) return rejected;
  // Of each source the newest is the first.
  const newest = sourcesOfCell.map((source) => assessment.ratings.find((rating) => rating.source === source));
  return newest.some(Boolean) ? newest.map((rating) => (rating ? codeOf(rating) : none)).join('') : undefined;
}

function codeOf({ version, score }: Rating): string {
  const tenths = Math.round(score * 10);
  // 10.0 is `a0`.
  return `${versionCodes[version]}${Math.floor(tenths / 10).toString(16)}${tenths % 10}`;
}

const beforeNumbers = '{"block":"","numbers":"'.length;
const beforeScores = '","scores":"'.length;

/** The cell of the `at`-th number, from the text of a line; nothing is parsed. */
export function cellIn(line: string, block: string, at: number): string | undefined {
  const start = beforeNumbers + block.length;
  const digits = at < 10 ? `00${at}` : at < 100 ? `0${at}` : `${at}`;
  let found = line.indexOf(digits, start);
  // Digits of two neighbours may look alike.
  while (found >= 0 && (found - start) % digits.length !== 0) found = line.indexOf(digits, found + 1);
  const end = line.indexOf('"', start);
  if (found < 0 || found >= end) return undefined;
  const cell = end + beforeScores + ((found - start) / digits.length) * cellWidth;
  return line.slice(cell, cell + cellWidth);
}

export function isRejectedCell(cell: string): boolean {
  return cell === rejected;
}

/** The newest score of a source, without its vector. */
export function scoreInCell(cell: string, source: RatingSource): Omit<Score, 'vector'> | undefined {
  const at = source === 'vendor' || source === 'ghsa' ? -1 : sourcesOfCell.indexOf(source) * sourceWidth;
  const version = at < 0 ? undefined : versionsByCode[cell[at]!];
  if (version === undefined) return undefined;
  const whole = cell.charCodeAt(at + 1);
  const tenths = cell.charCodeAt(at + 2) - zero;
  return { version, score: (whole === ten ? 10 : whole - zero) + tenths / 10 };
}

const zero = 0x30;
/** `a`. */
const ten = 0x61;
