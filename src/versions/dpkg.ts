import type { Comparison } from '../model/version.ts';

/** A Debian version `[epoch:]upstream[-revision]` (deb-version(7)); an absent revision is `''`, which orders as `0`. */
export interface DpkgVersion {
  epoch: number;
  upstream: string;
  revision: string;
}

/** dpkg keeps epochs in a C int. */
const maxEpoch = 2_147_483_647;

/** `_` is not in the grammar, but old packages carry it and dpkg only warns. */
const upstreamGrammar = /^\d[A-Za-z0-9.+~:_-]*$/;
const revisionGrammar = /^[A-Za-z0-9.+~_]+$/;
const epochGrammar = /^\d+$/;

/** Order of two Debian versions as dpkg has it; undefined where one of them is not a version. */
export function compareDpkg(a: string, b: string): Comparison {
  const left = parseDpkgVersion(a);
  if (!left) return undefined;
  const right = parseDpkgVersion(b);
  return right && compareDpkgVersions(left, right);
}

/** Order of parsed versions: epoch, then upstream, then revision. */
export function compareDpkgVersions(a: DpkgVersion, b: DpkgVersion): -1 | 0 | 1 {
  if (a.epoch !== b.epoch) return a.epoch < b.epoch ? -1 : 1;
  return compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision);
}

/** Splits at the first `:` and the last `-`; undefined where the text breaks the grammar. */
export function parseDpkgVersion(text: string): DpkgVersion | undefined {
  const colon = text.indexOf(':');
  if (colon !== -1 && !epochGrammar.test(text.slice(0, colon))) return undefined;
  const version = splitDpkgVersion(text);
  const { epoch, upstream, revision } = version;
  if (epoch > maxEpoch || !upstreamGrammar.test(upstream)) return undefined;
  if (text.includes('-', colon + 1) && !revisionGrammar.test(revision)) return undefined;
  return version;
}

/** The same of a text that is known to be a version, as all that a compiled feed holds are. */
export function splitDpkgVersion(text: string): DpkgVersion {
  const colon = text.indexOf(':');
  const dash = text.lastIndexOf('-');
  const epoch = colon === -1 ? 0 : Number(text.slice(0, colon));
  if (dash <= colon) return { epoch, upstream: text.slice(colon + 1), revision: '' };
  return { epoch, upstream: text.slice(colon + 1, dash), revision: text.slice(dash + 1) };
}

/**
 * Alternates between a non-digit part, compared character by character, and a digit part, compared by length and
 * text because a run of digits may exceed 2^53. Reading past the end gives NaN, which ranks as the end.
 */
function compareParts(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let i = commonStart(a, b);
  let j = i;
  while (i < a.length || j < b.length) {
    while (isNonDigit(a.charCodeAt(i)) || isNonDigit(b.charCodeAt(j))) {
      const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(j));
      if (difference !== 0) return difference < 0 ? -1 : 1;
      i += 1;
      j += 1;
    }
    while (a.charCodeAt(i) === zero) i += 1;
    while (b.charCodeAt(j) === zero) j += 1;
    let firstDifference = 0;
    while (isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
      if (firstDifference === 0) firstDifference = a.charCodeAt(i) - b.charCodeAt(j);
      i += 1;
      j += 1;
    }
    if (isDigit(a.charCodeAt(i))) return 1;
    if (isDigit(b.charCodeAt(j))) return -1;
    if (firstDifference !== 0) return firstDifference < 0 ? -1 : 1;
  }
  return 0;
}

/** Length of what both begin with, up to the last digit run that is whole in it: runs compare as numbers. */
function commonStart(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  while (at > 0 && isDigit(a.charCodeAt(at - 1))) at -= 1;
  return at;
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
