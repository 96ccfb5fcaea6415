import type { VersionOrder } from '../../packaging/order.ts';
import { bounded, compareDigits, compareLists, compareText } from './order.ts';

/** Numbers and words, without zeros at the end and before the first word. */
type GemVersion = readonly string[];

const form = /^\s*\d{1,256}(?:\.[0-9a-zA-Z]{1,256})*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\s*$/;

/** RubyGems: a word makes a prerelease, and `-` is `.pre.`. */
export const gem: VersionOrder<GemVersion> = bounded({
  read(text) {
    if (!form.test(text)) return undefined;
    const segments =
      text
        .trim()
        .replaceAll('-', '.pre.')
        .match(/\d+|[a-zA-Z]+/g) ?? [];
    const word = segments.findIndex(isWord);
    const at = word === -1 ? segments.length : word;
    return [...withoutZeros(segments.slice(0, at)), ...withoutZeros(segments.slice(at))];
  },
  compare: (a, b) =>
    compareLists(a, b, compareSegments, (rest) => (isWord(rest) ? -1 : compareDigits(rest, '0'))),
});

function compareSegments(a: string, b: string): number {
  const [isOne, isOther] = [isWord(a), isWord(b)];
  if (isOne && isOther) return compareText(a, b);
  return Number(isOther) - Number(isOne) || compareDigits(a, b);
}

function isWord(segment: string): boolean {
  return !/^\d/.test(segment);
}

function withoutZeros(segments: readonly string[]): readonly string[] {
  const last = segments.findLastIndex((segment) => !/^0+$/.test(segment));
  return segments.slice(0, last + 1);
}
