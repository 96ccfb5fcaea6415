import type { VersionOrder } from '../../packaging/order.ts';
import { bounded, compareDigits, compareLists, compareText } from './order.ts';

interface ComponentVersion {
  numbers: readonly string[];
  /** -1: before the release (`2.6.0-rc1`); 0: a release or a revision of it. */
  stage: -1 | 0;
  /** Of the stage: identifiers of the prerelease, or of the revision. Empty: none, which is revision 0. */
  identifiers: readonly string[];
  /** Above every revision of the release. */
  isLast?: true;
}

const form =
  /^v?(\d{1,256}(?:\.\d{1,256}){0,20})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]*)?$/;
/** `-5`, `-r5` of image tags; other suffixes with a digit in front count as revisions too. */
const revision = /^r?(?=\d)/;

/**
 * Versions of Bitnami: `7.4.1-2` is the second revision of the release 7.4.1, and above it, unlike in Semantic Versioning. A suffix
 * that begins with a word is a prerelease.
 */
export const bitnami: VersionOrder<ComponentVersion> = bounded({
  read,
  // The release without a revision stands for all of them: a record names what upstream published.
  readLast(text) {
    const version = read(text);
    return version && version.stage === 0 && version.identifiers.length === 0
      ? { ...version, isLast: true }
      : version;
  },
  compare(a, b) {
    return (
      compareLists(a.numbers, b.numbers, compareDigits, (rest) => compareDigits(rest, '0')) ||
      a.stage - b.stage ||
      Number(a.isLast ?? false) - Number(b.isLast ?? false) ||
      compareLists(a.identifiers, b.identifiers, compareIdentifiers, a.stage === 0 ? aboveZero : () => 1)
    );
  },
});

function read(text: string): ComponentVersion | undefined {
  const [, numbers, suffix = ''] = form.exec(text.trim()) ?? [];
  if (numbers === undefined) return undefined;
  const isRevision = suffix === '' || revision.test(suffix);
  const identifiers = suffix === '' ? [] : suffix.replace(revision, '').split(/[.-]/);
  return { numbers: numbers.split('.'), stage: isRevision ? 0 : -1, identifiers };
}

/** Of revisions `0` is none: a record writes the first build of a release so. */
function aboveZero(rest: string): number {
  return /^0+$/.test(rest) ? 0 : 1;
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return compareDigits(a, b);
  return Number(isOther) - Number(isNumber) || compareText(a, b);
}
