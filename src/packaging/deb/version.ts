import type { Comparison } from '../../model/order.ts';

/** A Debian version `[epoch:]upstream[-revision]` (deb-version(7)); an absent revision is `''`, which orders as `0`. */
export interface DpkgVersion {
  epoch: number;
  upstream: string;
  revision: string;
}

/** dpkg stores epochs in a C int. */
const maxEpoch = 2_147_483_647;

/** `_` is not in the grammar, but old packages have it and dpkg only warns. */
const upstreamGrammar = /^\d[A-Za-z0-9.+~:_-]*$/;
const revisionGrammar = /^[A-Za-z0-9.+~_]+$/;
const epochGrammar = /^\d+$/;

/** Compares two Debian versions as dpkg does; undefined if one of them is not a version. */
export function compareDpkg(a: string, b: string): Comparison {
  const left = parseDpkgVersion(a);
  if (!left) return undefined;
  return parseDpkgVersion(b) && compareDpkgText(left, b);
}

/** An installed version, ready to be compared with versions of a compiled feed; undefined if it is not a version. */
export function dpkgInstalled(version: string): ((fixed: string) => -1 | 0 | 1) | undefined {
  const parsed = parseDpkgVersion(version);
  return parsed && ((fixed) => compareDpkgText(parsed, fixed));
}

/**
 * Compares a parsed version with a text that is known to be a version, as all in a compiled feed are: epoch, then upstream,
 * then revision, without splitting the text.
 */
export function compareDpkgText(version: DpkgVersion, text: string): -1 | 0 | 1 {
  const colon = text.indexOf(':');
  const epoch = colon === -1 ? 0 : Number(text.slice(0, colon));
  if (version.epoch !== epoch) return version.epoch < epoch ? -1 : 1;
  const { length } = text;
  const dash = text.lastIndexOf('-');
  const end = dash <= colon ? length : dash;
  return (
    compareRange(version.upstream, text, colon + 1, end) ||
    compareRange(version.revision, text, Math.min(end + 1, length), length)
  );
}

/** Splits at the first `:` and the last `-`; undefined if the text breaks the grammar. */
export function parseDpkgVersion(text: string): DpkgVersion | undefined {
  const colon = text.indexOf(':');
  if (colon !== -1 && !epochGrammar.test(text.slice(0, colon))) return undefined;
  const version = splitDpkgVersion(text);
  const { epoch, upstream, revision } = version;
  if (epoch > maxEpoch || !upstreamGrammar.test(upstream)) return undefined;
  if (text.includes('-', colon + 1) && !revisionGrammar.test(revision)) return undefined;
  return version;
}

function splitDpkgVersion(text: string): DpkgVersion {
  const colon = text.indexOf(':');
  const dash = text.lastIndexOf('-');
  const epoch = colon === -1 ? 0 : Number(text.slice(0, colon));
  if (dash <= colon) return { epoch, upstream: text.slice(colon + 1), revision: '' };
  return { epoch, upstream: text.slice(colon + 1, dash), revision: text.slice(dash + 1) };
}

/**
 * Compares `a` with a range of `b`. Alternates between a non-digit part, compared character by character, and a digit part,
 * compared by length and text because a run of digits may exceed 2^53. A common prefix is skipped first.
 */
function compareRange(a: string, b: string, start: number, end: number): -1 | 0 | 1 {
  let i = 0;
  let j = start;
  while (i < a.length && j < end && a.charCodeAt(i) === b.charCodeAt(j)) {
    i += 1;
    j += 1;
  }
  if (i === a.length && j === end) return 0;
  // Runs of digits are compared as numbers, so go back to the start of the run.
  while (i > 0 && isDigit(a.charCodeAt(i - 1))) {
    i -= 1;
    j -= 1;
  }
  while (i < a.length || j < end) {
    let left = codeAt(a, i, a.length);
    let right = codeAt(b, j, end);
    while (isNonDigit(left) || isNonDigit(right)) {
      const difference = rank(left) - rank(right);
      if (difference !== 0) return difference < 0 ? -1 : 1;
      left = codeAt(a, ++i, a.length);
      right = codeAt(b, ++j, end);
    }
    while (left === zero) left = codeAt(a, ++i, a.length);
    while (right === zero) right = codeAt(b, ++j, end);
    let firstDifference = 0;
    while (isDigit(left) && isDigit(right)) {
      if (firstDifference === 0) firstDifference = left - right;
      left = codeAt(a, ++i, a.length);
      right = codeAt(b, ++j, end);
    }
    if (isDigit(left)) return 1;
    if (isDigit(right)) return -1;
    if (firstDifference !== 0) return firstDifference < 0 ? -1 : 1;
  }
  return 0;
}

/** NaN after the end of a part; it ranks as the end. */
function codeAt(text: string, at: number, end: number): number {
  return at < end ? text.charCodeAt(at) : Number.NaN;
}

const zero = 0x30;
const nine = 0x39;
const tilde = 0x7e;

/** `~` < end of part (and digits) < letters < everything else. */
function rank(code: number): number {
  if (code === tilde) return -1;
  if (Number.isNaN(code) || isDigit(code)) return 0;
  return isLetter(code) ? code : code + 256;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

function isNonDigit(code: number): boolean {
  return code < zero || code > nine;
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
