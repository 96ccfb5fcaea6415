import type { Comparison } from '../../model/order.ts';

/** A version of pacman in its parts; one without a release equals every release of it. */
export interface AlpmVersion {
  epoch: string;
  version: string;
  release: string | undefined;
}

/** A version is a part of a folder's name, which has at most 255 bytes. */
const maxLength = 255;

/** PKGBUILD(5): no version contains a colon, a slash, a hyphen or white space. libalpm compares others too, so any sign is taken. */
const form = /^(?:(\d*):)?([!-,.0-9;-~]+)(?:-([!-,.0-9;-~]+))?$/;

/** Splits `epoch:version-release`; undefined: no package can have this version. */
export function parseAlpmVersion(text: string): AlpmVersion | undefined {
  const found = text.length <= maxLength ? form.exec(text) : null;
  return found ? { epoch: found[1] || '0', version: found[2]!, release: found[3] } : undefined;
}

/** Compares two versions as vercmp(8); undefined if one of them is not a version. */
export function compareAlpm(a: string, b: string): Comparison {
  const left = parseAlpmVersion(a);
  const right = left && parseAlpmVersion(b);
  return left && right && compareParts(left, right);
}

/**
 * An installed version, ready to be compared with versions of a compiled feed; undefined if it is not one of a package, which has a
 * release: without it, it would equal every release of it, before and after a fix.
 */
export function alpmInstalled(version: string): ((fixed: string) => -1 | 0 | 1) | undefined {
  const parsed = parseAlpmVersion(version);
  return parsed?.release === undefined
    ? undefined
    : (fixed) => compareParts(parsed, parseAlpmVersion(fixed)!);
}

function compareParts(a: AlpmVersion, b: AlpmVersion): -1 | 0 | 1 {
  return (
    compareSegments(a.epoch, b.epoch) ||
    compareSegments(a.version, b.version) ||
    (a.release === undefined || b.release === undefined ? 0 : compareSegments(a.release, b.release))
  );
}

const segment = /([^0-9A-Za-z]*)(\d+|[A-Za-z]+|$)/y;

/**
 * Segments of digits or letters, each after its separators. A longer separator is newer, a number is newer than letters, and what
 * follows the end of the other one is newer unless it is letters at once: `1.0rc` < `1.0` < `1.0.rc`.
 */
function compareSegments(a: string, b: string): -1 | 0 | 1 {
  let [atA, atB] = [0, 0];
  for (;;) {
    const [partA, partB] = [segmentAt(a, atA), segmentAt(b, atB)];
    if (partA.text === '' || partB.text === '') return compareEnds(partA, partB);
    if (partA.separator !== partB.separator) return partA.separator < partB.separator ? -1 : 1;
    const order = compareTexts(partA.text, partB.text);
    if (order !== 0) return order;
    atA = partA.end;
    atB = partB.end;
  }
}

interface Segment {
  /** Number of characters before it. */
  separator: number;
  /** Empty at the end. */
  text: string;
  end: number;
}

function segmentAt(text: string, at: number): Segment {
  segment.lastIndex = at;
  const [, separators = '', found = ''] = segment.exec(text)!;
  return { separator: separators.length, text: found, end: segment.lastIndex };
}

/** At least one has no segment left. Separators are passed over only where both versions have some. */
function compareEnds(a: Segment, b: Segment): -1 | 0 | 1 {
  const [isOver, isOtherOver] = [isEnd(a), isEnd(b)];
  const passed = !isOver && !isOtherOver;
  if (passed ? a.text === b.text : isOver && isOtherOver) return 0;
  const isLetters = ({ separator, text }: Segment) => (passed || separator === 0) && letters.test(text);
  if (passed ? a.text === '' : isOver) return isLetters(b) ? 1 : -1;
  return isLetters(a) ? -1 : 1;
}

const letters = /^[A-Za-z]/;

function isEnd({ separator, text }: Segment): boolean {
  return separator === 0 && text === '';
}

function compareTexts(a: string, b: string): -1 | 0 | 1 {
  const [isText, isOther] = [letters.test(a), letters.test(b)];
  if (isText !== isOther) return isText ? -1 : 1;
  if (isText) return compareCodes(a, b);
  const [number, other] = [withoutZeros(a), withoutZeros(b)];
  // Runs of digits may exceed 2^53.
  return number.length === other.length ? compareCodes(number, other) : number.length < other.length ? -1 : 1;
}

function compareCodes(a: string, b: string): -1 | 0 | 1 {
  return a === b ? 0 : a < b ? -1 : 1;
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+/, '');
}
