import type { Comparison } from '../../model/order.ts';

/** A version of an ebuild in its parts. */
export interface EbuildVersion {
  /** Digits of each component; at least one. */
  numbers: readonly string[];
  /** Empty: none. */
  letter: string;
  suffixes: readonly EbuildSuffix[];
  /** Digits after `-r`. Empty: none, which is revision 0. */
  revision: string;
}

export interface EbuildSuffix {
  /** Its place in the order of suffixes; `none` is that of no suffix. */
  rank: number;
  /** Digits. Empty: none, which is 0. */
  number: string;
}

/** A version is a part of a folder's name, which has at most 255 bytes. */
const maxLength = 255;

const suffixes = ['alpha', 'beta', 'pre', 'rc', '', 'p'];
const none = suffixes.indexOf('');

/** Package Manager Specification, 3.2. */
const form = /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|p)\d*)*)(?:-r(\d+))?$/;

/** Undefined: no ebuild can have this version. */
export function parseEbuildVersion(text: string): EbuildVersion | undefined {
  const found = text.length <= maxLength ? form.exec(text) : null;
  if (!found) return undefined;
  const [, numbers = '', letter = '', tail = '', revision = ''] = found;
  return {
    numbers: numbers.split('.'),
    letter,
    suffixes: [...tail.matchAll(/_([a-z]+)(\d*)/g)].map(([, kind, number]) => ({
      rank: suffixes.indexOf(kind!),
      number: number!,
    })),
    revision,
  };
}

/** Whether an ebuild takes its sources from a repository when it is built: its version says nothing about them. */
export function isLiveEbuild(version: string): boolean {
  return /(?:^|\.|_(?:alpha|beta|pre|rc|p))9{4,}(?:-r\d+)?$/.test(version);
}

/** Compares two versions as portage does; undefined if one of them is not a version. */
export function compareEbuild(a: string, b: string): Comparison {
  const left = parseEbuildVersion(a);
  const right = left && parseEbuildVersion(b);
  return left && right && compareEbuildVersions(left, right);
}

/** Package Manager Specification, 3.3. */
export function compareEbuildVersions(a: EbuildVersion, b: EbuildVersion): -1 | 0 | 1 {
  return compareUpstream(a, b) || compareIntegers(a.revision, b.revision);
}

/** The order without revisions. */
export function compareUpstream(a: EbuildVersion, b: EbuildVersion): -1 | 0 | 1 {
  return compareNumbers(a, b) || compareTexts(a.letter, b.letter) || compareSuffixes(a, b);
}

/** The order of the revisions alone. */
export function compareRevisions(a: EbuildVersion, b: EbuildVersion): -1 | 0 | 1 {
  return compareIntegers(a.revision, b.revision);
}

/**
 * Whether a version begins with these components: `1.3` with those of `1.3.2`, `1.3b` and `1.3_p1-r2`, and not with those of `1.30`.
 */
export function beginsWith(version: EbuildVersion, start: EbuildVersion): boolean {
  const own = partsOf(version);
  return partsOf(start).every((part, at) => part === own[at]);
}

function partsOf({ numbers, letter, suffixes: stated, revision }: EbuildVersion): string[] {
  const [first = '', ...others] = numbers;
  return [
    ...[withoutZeros(first), ...others],
    ...(letter === '' ? [] : [letter]),
    ...stated.map(({ rank, number }) => `_${suffixes[rank]}${withoutZeros(number)}`),
    ...(revision === '' ? [] : [`-r${withoutZeros(revision)}`]),
  ];
}

function compareNumbers({ numbers: a }: EbuildVersion, { numbers: b }: EbuildVersion): -1 | 0 | 1 {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const order = compareComponents(a[at]!, b[at]!, at);
    if (order !== 0) return order;
  }
  return sign(a.length - b.length);
}

/** The first component is an integer; others with a zero at their beginning are compared as fractions: `1.02` < `1.1`. */
function compareComponents(a: string, b: string, at: number): -1 | 0 | 1 {
  const areFractions = at > 0 && (a.startsWith('0') || b.startsWith('0'));
  return areFractions ? compareTexts(a.replace(/0+$/, ''), b.replace(/0+$/, '')) : compareIntegers(a, b);
}

function compareSuffixes({ suffixes: a }: EbuildVersion, { suffixes: b }: EbuildVersion): -1 | 0 | 1 {
  const most = Math.max(a.length, b.length);
  for (let at = 0; at < most; at++) {
    const [left, right] = [a[at] ?? noSuffix, b[at] ?? noSuffix];
    const order = sign(left.rank - right.rank) || compareIntegers(left.number, right.number);
    if (order !== 0) return order;
  }
  return 0;
}

const noSuffix: EbuildSuffix = { rank: none, number: '' };

/** Runs of digits may exceed 2^53. */
function compareIntegers(a: string, b: string): -1 | 0 | 1 {
  const [left, right] = [withoutZeros(a), withoutZeros(b)];
  return sign(left.length - right.length) || compareTexts(left, right);
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+/, '');
}

function compareTexts(a: string, b: string): -1 | 0 | 1 {
  return a === b ? 0 : a < b ? -1 : 1;
}

function sign(difference: number): -1 | 0 | 1 {
  return difference === 0 ? 0 : difference < 0 ? -1 : 1;
}
