import { type Comparison, compareCodeUnits } from '../../model/order.ts';

/** `[epoch:]version[-release]`; an absent epoch is `''` and orders as `0`, an absent release is undefined. */
export interface RpmEvr {
  epoch: string;
  version: string;
  release: string | undefined;
}

/** The characters that rpmbuild accepts in a version or release, plus `-`, which old packages have in a version; a letter or digit first. */
const partGrammar = /^[._+~^%{}-]*[A-Za-z0-9][A-Za-z0-9._+~^%{}-]*$/;

/** Compares two EVRs as rpm does, with `0` for an absent epoch; undefined if one of them is not an EVR. */
export function compareRpmEvr(a: string, b: string): Comparison {
  const left = parseRpmEvr(a);
  if (!left) return undefined;
  const right = parseRpmEvr(b);
  return right && compareRpmEvrs(left, right);
}

/** Compares parsed EVRs: epoch, version, release; one without a release comes before any with one. */
export function compareRpmEvrs(a: RpmEvr, b: RpmEvr): -1 | 0 | 1 {
  return (
    (a.epoch === b.epoch ? 0 : rpmvercmp(a.epoch || '0', b.epoch || '0')) ||
    rpmvercmp(a.version, b.version) ||
    compareReleases(a.release, b.release)
  );
}

/** Splits at the `:` after leading digits and at the last `-`; undefined if the text is not an EVR. */
export function parseRpmEvr(text: string): RpmEvr | undefined {
  const evr = splitRpmEvr(text);
  const { epoch, version, release } = evr;
  if (!/^\d*$/.test(epoch) || !partGrammar.test(version)) return undefined;
  return release !== undefined && !partGrammar.test(release) ? undefined : evr;
}

/** The same of a text that is known to be an EVR. */
export function splitRpmEvr(text: string): RpmEvr {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon === -1 ? '' : text.slice(0, colon),
    version: dash === -1 ? rest : rest.slice(0, dash),
    release: dash === -1 ? undefined : rest.slice(dash + 1),
  };
}

function compareReleases(a: string | undefined, b: string | undefined): -1 | 0 | 1 {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return rpmvercmp(a, b);
}

/**
 * Compares two version or release strings, segment by segment: `~` before the end, the end before `^`, `^` before more
 * segments, letters before numbers; anything else only separates (rpm-version(7)). Any two texts can be compared.
 */
export function rpmvercmp(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let i = firstUnequalSegment(a, b);
  let j = i;
  for (;;) {
    i = skipSeparators(a, i);
    j = skipSeparators(b, j);
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(j);
    if (left === tilde || right === tilde) {
      if (left !== right) return left === tilde ? -1 : 1;
      i += 1;
      j += 1;
      continue;
    }
    if (left === caret || right === caret) {
      if (left !== right) return compareCaret(left, i === a.length, j === b.length);
      i += 1;
      j += 1;
      continue;
    }
    if (i === a.length || j === b.length) break;
    const numeric = isDigit(left);
    if (numeric !== isDigit(right)) return numeric ? 1 : -1;
    const segmentA = segmentFrom(a, i, numeric);
    const segmentB = segmentFrom(b, j, numeric);
    const order = numeric ? compareDigits(segmentA, segmentB) : compareCodeUnits(segmentA, segmentB);
    if (order !== 0) return order;
    i += segmentA.length;
    j += segmentB.length;
  }
  if (i === a.length && j === b.length) return 0;
  return i === a.length ? -1 : 1;
}

/** Where the segment begins in which two unequal texts first differ: segments before it are the same. */
function firstUnequalSegment(a: string, b: string): number {
  let at = 0;
  while (a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  const before = a.charCodeAt(at - 1);
  const belongs = isDigit(before) ? isDigit : isLetter;
  while (belongs(a.charCodeAt(at - 1))) at -= 1;
  return at;
}

/** Exactly one side is at a `^`: it comes after the other's end, and before anything else that the other has. */
function compareCaret(left: number, leftEnds: boolean, rightEnds: boolean): -1 | 1 {
  if (leftEnds) return -1;
  if (rightEnds) return 1;
  return left === caret ? -1 : 1;
}

function segmentFrom(text: string, start: number, numeric: boolean): string {
  const belongs = numeric ? isDigit : isLetter;
  let end = start;
  while (belongs(text.charCodeAt(end))) end += 1;
  return text.slice(start, end);
}

/** By length and text: a run of digits may exceed 2^53. */
function compareDigits(a: string, b: string): -1 | 0 | 1 {
  const left = withoutZeros(a);
  const right = withoutZeros(b);
  if (left.length !== right.length) return left.length < right.length ? -1 : 1;
  return compareCodeUnits(left, right);
}

function withoutZeros(digits: string): string {
  return digits.charCodeAt(0) === 0x30 ? digits.replace(/^0+/, '') : digits;
}

function skipSeparators(text: string, start: number): number {
  let at = start;
  while (at < text.length && isSeparator(text.charCodeAt(at))) at += 1;
  return at;
}

const tilde = 0x7e;
const caret = 0x5e;

function isSeparator(code: number): boolean {
  return !isDigit(code) && !isLetter(code) && code !== tilde && code !== caret;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
