import type { VersionOrder } from '../../packaging/order.ts';
import { bounded, compareDigits, compareLists, compareText } from './order.ts';

interface SemanticVersion {
  numbers: readonly [string, string, string];
  /** Empty: a release. */
  prerelease: readonly string[];
}

const form =
  /^(\d{1,256})(?:\.(\d{1,256}))?(?:\.(\d{1,256}))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]*)?$/;

/** Semantic Versioning 2, https://semver.org; `v1.2.3` and `1.2` are read as well, as SBOMs and Go write them. */
export const semver: VersionOrder<SemanticVersion> = bounded({
  read(text) {
    const [, major, minor = '0', patch = '0', prerelease] = form.exec(text.replace(/^\s*[v=]*\s*/, '')) ?? [];
    if (major === undefined) return undefined;
    return { numbers: [major, minor, patch], prerelease: prerelease?.split('.') ?? [] };
  },
  compare(a, b) {
    const numbers = compareLists(a.numbers, b.numbers, compareDigits, () => 0);
    if (numbers !== 0) return numbers;
    return comparePrereleases(a.prerelease, b.prerelease);
  },
});

/** A release, which has none, is above its prereleases, of which the longer one is above what it begins with. */
export function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Number(a.length === 0) - Number(b.length === 0);
  return compareLists(a, b, compareIdentifiers, () => 1);
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return compareDigits(a, b);
  return Number(isOther) - Number(isNumber) || compareText(a, b);
}

/** The same with the names of Go's own releases: `go1.22rc1` is 1.22.0-rc.1. A mark of the distributor follows a blank. */
export const goVersions: VersionOrder<SemanticVersion> = bounded({
  ...semver,
  read(text) {
    const [own = ''] = text.trim().split(/\s|-X:/);
    const [, numbers, kind, count] = /^(?:go)?(\d+\.\d+(?:\.\d+)?)(rc|beta)(\d+)$/.exec(own) ?? [];
    return semver.read(numbers === undefined ? own.replace(/^go/, '') : `${numbers}-${kind}.${count}`);
  },
});
