import {
  apkSuffixes,
  isPreRelease,
  type Part,
  type PartKind,
  parseApkVersion,
  partRank,
  suffixRank,
} from '../../../packaging/apk/version.ts';

/**
 * PCRE of the versions that apk orders below another. OVAL has no datatype for them, and rpm's order, the nearest one, is
 * wrong for `1.2_rc1` and `1.05`. A version is older by its first part that differs, so the pattern goes along the parts.
 * Undefined: it is not a version.
 */
export function olderThan(version: string): string | undefined {
  const parts = parseApkVersion(version);
  return parts && `^${olderFrom(parts, 0)}$`;
}

const rest = String.raw`[^\n]*`;

function olderFrom(parts: readonly Part[], at: number): string {
  const part = parts[at]!;
  // Nothing can follow a revision, so that an equal one is the end.
  const ways = [...lowerParts(part).map((lower) => lower + rest), ...otherParts(part)];
  if (part.kind !== 'end' && part.kind !== 'revision') ways.push(equalPart(part) + olderFrom(parts, at + 1));
  return `(?:${ways.join('|')})`;
}

/** The characters that begin a part of each kind, in the order of their ranks. */
const begins: Readonly<Record<Exclude<PartKind, 'end'>, string>> = {
  first: '',
  number: '.',
  letter: 'a-z',
  letterNumber: '0-9',
  suffix: '_',
  suffixNumber: '0-9',
  hash: '~',
  revision: String.raw`\-`,
};

const preRelease = `_(?:${apkSuffixes.slice(0, apkSuffixes.indexOf('cvs')).join('|')})(?![a-z])${rest}`;

/** A part of another kind here makes a version older: a part of a higher rank, and a pre-release whatever its rank. */
function otherParts(part: Part): string[] {
  const { kind } = part;
  if (kind === 'first' || isPreRelease(part)) return [];
  if (kind === 'end') return [preRelease];
  const sooner = Object.entries(begins)
    .filter(([each]) => partRank[each as PartKind] <= partRank[kind])
    .map(([, sign]) => sign);
  const ended = `(?![${sooner.join('')}])${rest}`;
  return partRank[kind] > partRank.suffix ? [ended, preRelease] : [ended];
}

function equalPart({ kind, text }: Part): string {
  switch (kind) {
    case 'first':
    case 'letterNumber':
    case 'suffixNumber':
      return `0*${withoutZeros(text)}(?![0-9])`;
    case 'number':
      return String.raw`\.${text}(?![0-9])`;
    case 'suffix':
      return `_${text}(?![a-z])`;
    case 'hash':
      return `~${text}(?![0-9a-f])`;
    default:
      return text;
  }
}

/** Patterns of the parts of the same kind that are lower. */
function lowerParts({ kind, text }: Part): string[] {
  switch (kind) {
    case 'first':
    case 'letterNumber':
    case 'suffixNumber':
      return lowerNumbers(withoutZeros(text)).map((lower) => `0*${lower}(?![0-9])`);
    case 'revision':
      return lowerNumbers(withoutZeros(text)).map((lower) => `-r0*${lower}(?![0-9])`);
    case 'number':
      return lowerFractions(text).map((lower) => String.raw`\.${lower}(?![0-9])`);
    case 'letter':
      return text === 'a' ? [] : [`[a-${before(text)}]`];
    case 'suffix': {
      const lower = apkSuffixes.slice(0, suffixRank(text));
      return lower.length === 0 ? [] : [`_(?:${lower.join('|')})(?![a-z])`];
    }
    case 'hash':
      return lowerTexts(text, '0123456789abcdef').map((lower) => `~${lower}(?![0-9a-f])`);
    default:
      return [];
  }
}

/** A later number with a leading zero is compared as a text, also with one that has none. One without digits is the lowest. */
function lowerFractions(text: string): string[] {
  if (text === '') return [];
  if (text.startsWith('0')) return ['', ...lowerTexts(text, '0123456789')];
  return ['(?:0[0-9]*)?', ...lowerNumbers(text).map((lower) => `(?!0)${lower}`)];
}

/** Numbers below another that has no leading zero; they may have some. */
function lowerNumbers(number: string): string[] {
  const { length } = number;
  const shorter = length > 1 ? [length === 2 ? '[0-9]' : `[0-9]{1,${length - 1}}`] : [];
  const sameLength = [...number].flatMap((digit, at) =>
    digit === '0' ? [] : [number.slice(0, at) + digitsTo(before(digit)) + digits(length - at - 1)],
  );
  return [...shorter, ...sameLength];
}

/** Texts of these characters below another: its beginnings, and what has a lower character first. */
function lowerTexts(text: string, characters: string): string[] {
  return [...text].flatMap((character, at) => {
    const beginning = text.slice(0, at);
    const lower = characters.slice(0, characters.indexOf(character));
    return [
      ...(at === 0 ? [] : [beginning]),
      ...(lower === '' ? [] : [`${beginning}[${lower}][${characters}]*`]),
    ];
  });
}

function digitsTo(last: string): string {
  return last === '0' ? '0' : `[0-${last}]`;
}

function digits(count: number): string {
  if (count === 0) return '';
  return count === 1 ? '[0-9]' : `[0-9]{${count}}`;
}

function before(character: string): string {
  return String.fromCharCode(character.charCodeAt(0) - 1);
}

function withoutZeros(text: string): string {
  return text.replace(/^0+(?=\d)/, '');
}
