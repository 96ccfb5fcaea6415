import type { Comparison } from '../../model/order.ts';

/** Kinds of parts of a version. Of two versions that are equal so far, the one with the part of the lower rank is newer. */
export const partRank = {
  first: 0,
  number: 1,
  letter: 2,
  letterNumber: 3,
  suffix: 4,
  suffixNumber: 5,
  hash: 6,
  revision: 7,
  end: 8,
};

export type PartKind = keyof typeof partRank;

export interface Part {
  kind: PartKind;
  text: string;
}

/** An Alpine version in its parts, the last one `end` (apk-package(5), "package versions", and what apk 2 takes beside it). */
export type ApkVersion = readonly Part[];

/** In rising order; a version without suffix stands between `rc` and `cvs`. */
export const apkSuffixes = ['alpha', 'beta', 'pre', 'rc', 'cvs', 'svn', 'git', 'hg', 'p'] as const;

const preReleases = apkSuffixes.indexOf('cvs');

/**
 * apk 2 takes more than apk 3 and its manual: numbers after a letter (`1.9.5p2`) and numbers without digits (`10.2.24.r0`). Alpine's
 * security database has both. What no apk package can have is left out: no number at all, and several revisions.
 */
const form =
  /^(\d+(?:\.\d*)*(?:[a-z]\d+(?:\.\d*)*)*[a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~([0-9a-f]+))?(?:-r(\d+))?$/;

/** A version is one line of a database; apk's own limit is shorter. */
const maxLength = 256;

/** Splits a version; undefined if apk would refuse it. */
export function parseApkVersion(text: string): ApkVersion | undefined {
  const found = text.length <= maxLength ? form.exec(text) : null;
  if (!found) return undefined;
  const [, numbers, suffixes, hash, revision] = found;
  const parts: Part[] = [];
  for (const [, sign, digits] of numbers!.matchAll(/(^|\.|[a-z])(\d*)/g)) {
    if (sign === '') parts.push({ kind: 'first', text: digits! });
    else if (sign === '.') parts.push({ kind: 'number', text: digits! });
    else {
      parts.push({ kind: 'letter', text: sign! });
      if (digits) parts.push({ kind: 'letterNumber', text: digits });
    }
  }
  for (const suffix of suffixes!.split('_').slice(1)) {
    const [, name, number] = /^([a-z]+)(\d*)$/.exec(suffix)!;
    parts.push({ kind: 'suffix', text: name! });
    if (number) parts.push({ kind: 'suffixNumber', text: number });
  }
  if (hash) parts.push({ kind: 'hash', text: hash });
  if (revision) parts.push({ kind: 'revision', text: revision });
  parts.push({ kind: 'end', text: '' });
  return parts;
}

/** Compares two Alpine versions as apk does; undefined if one of them is not a version. */
export function compareApk(a: string, b: string): Comparison {
  const left = parseApkVersion(a);
  const right = left && parseApkVersion(b);
  return left && right && compareApkVersions(left, right);
}

/** An installed version, ready to be compared with versions of a compiled feed; undefined if it is not a version. */
export function apkInstalled(version: string): ((fixed: string) => -1 | 0 | 1) | undefined {
  const parsed = parseApkVersion(version);
  return parsed && ((fixed) => compareApkVersions(parsed, parseApkVersion(fixed)!));
}

/** Part by part; the first difference decides. */
function compareApkVersions(a: ApkVersion, b: ApkVersion): -1 | 0 | 1 {
  for (let at = 0; ; at++) {
    const left = a[at]!;
    const right = b[at]!;
    if (left.kind !== right.kind) return compareKinds(left, right);
    if (left.kind === 'end') return 0;
    const order = compareTexts(left.kind, left.text, right.text);
    if (order !== 0) return order;
  }
}

/** `1.0` and `1.0_rc1`, `1.0.1`, `1.0a`: one has another part where the other ends or goes on differently. */
function compareKinds(left: Part, right: Part): -1 | 1 {
  if (isPreRelease(left)) return -1;
  if (isPreRelease(right)) return 1;
  return partRank[left.kind] > partRank[right.kind] ? -1 : 1;
}

export function isPreRelease({ kind, text }: Part): boolean {
  return kind === 'suffix' && suffixRank(text) < preReleases;
}

export function suffixRank(text: string): number {
  return apkSuffixes.indexOf(text as (typeof apkSuffixes)[number]);
}

function compareTexts(kind: PartKind, a: string, b: string): -1 | 0 | 1 {
  if (kind === 'suffix') return sign(suffixRank(a) - suffixRank(b));
  const asText = kind === 'letter' || kind === 'hash' || (kind === 'number' && (isText(a) || isText(b)));
  return asText ? compareText(a, b) : compareNumbers(withoutZeros(a), withoutZeros(b));
}

/** A number without digits is below each other one. */
function isText(number: string): boolean {
  return number === '' || number.startsWith('0');
}

/** Runs of digits may exceed 2^53. */
function compareNumbers(a: string, b: string): -1 | 0 | 1 {
  return sign(a.length - b.length) || compareText(a, b);
}

function compareText(a: string, b: string): -1 | 0 | 1 {
  return a === b ? 0 : a < b ? -1 : 1;
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

function sign(difference: number): -1 | 0 | 1 {
  return difference === 0 ? 0 : difference < 0 ? -1 : 1;
}
