import type { InstalledPackage, UncoveredPackage, Verdict } from '../../model/index.ts';

/**
 * The result for one installed package: its verdicts, or why it is not covered. `unread`: so many of the vendor's statements about
 * it could not be read, so that the verdicts are not all.
 */
export type PackageMatch = { verdicts: Verdict[]; unread?: number } | { uncovered: UncoveredPackage };

/** The result for one build, the same for all of its binaries: claims, or why it is not covered. */
export type Said = readonly SaidClaim[] | Silence;

export interface SaidClaim {
  /** The verdict about one vulnerability in one binary, from which the others are copied. */
  model: Verdict;
  ids: readonly string[];
  /** For each of `ids`. */
  evidence: readonly string[];
}

export type Silence = Pick<UncoveredPackage, 'reason' | 'detail'>;

/** Applies a build's result to one of its binaries. */
export function matchOf(pkg: InstalledPackage, said: Said, unread = 0): PackageMatch {
  return 'reason' in said
    ? { uncovered: { package: pkg, ...said } }
    : { verdicts: verdictsOn(pkg, said), ...(unread > 0 ? { unread } : {}) };
}

function verdictsOn(pkg: InstalledPackage, said: readonly SaidClaim[]): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const { model, ids, evidence } of said) {
    for (let at = 0; at < ids.length; at++) {
      // The model has every field, so that copies have one shape: adding fields takes V8 five times as long.
      const verdict = { ...model };
      verdict.package = pkg;
      verdict.vulnerability = ids[at]!;
      verdict.evidence = evidence[at]!;
      verdicts.push(verdict);
    }
  }
  return verdicts;
}
