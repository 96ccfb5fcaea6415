import { scoresText } from '../../feed/compile/assessment-lines.ts';
import { assessmentOf, type RatingsRecord } from '../../model/index.ts';

export const ratingsPath = 'index/ratings.jsonl';

/** Computed from the ratings, as offset indexes are: a changed score changes a line of a thousand ids. */
export const scoresPath = 'index/ratings.scores.jsonl';

/** The file of scores that the compiler writes beside these ratings. */
export function scoresOf(ratings: Buffer): Buffer {
  const lines = ratings.toString('utf8').split('\n').filter(Boolean);
  return Buffer.from(scoresText(lines.map((line) => assessmentOf(JSON.parse(line) as RatingsRecord))));
}
