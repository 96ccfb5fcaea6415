import { compareNaturally } from './order.ts';

/** Returns the known word with the fewest edits from the given one, if those are at most a third of its letters. */
export function nearest<Word extends string>(word: string, known: readonly Word[]): Word | undefined {
  const ranked = known.map((candidate) => ({ candidate, edits: editDistance(word, candidate) }));
  ranked.sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.ceil(word.length / 3) ? best.candidate : undefined;
}

/** The remedy for an unknown word: `did you mean debian?`, or the list of known words. */
export function didYouMean(
  word: string,
  known: readonly string[],
  list = (words: readonly string[]) => words.join(', '),
): string {
  const near = nearest(word, known);
  return near === undefined ? `use one of ${list(known)}` : `did you mean ${near}?`;
}

/** A feed of all vendors has dozens of platforms. */
const mostListed = 12;

/** Platforms in messages, debian-7 before debian-10, not too many; `rest`: what lists all of them. */
export function platformList(ids: readonly string[], rest = ''): string {
  const sorted = [...ids].sort(compareNaturally);
  const more = sorted.length - mostListed;
  if (more <= 0) return sorted.join(', ');
  return `${sorted.slice(0, mostListed).join(', ')} and ${more} more${rest && ` (${rest})`}`;
}

/** The same of a feed at hand. */
export function feedPlatformList(ids: readonly string[]): string {
  return platformList(ids, '`scapfeed feeds` lists them');
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
