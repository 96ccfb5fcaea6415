import type { InstalledPackage, UncoveredPackage, Verdict } from '../../model/index.ts';

/** What a matcher gives back for one installed package: its verdicts, or why there are none. */
export type PackageMatch = { verdicts: Verdict[] } | { uncovered: UncoveredPackage };

/** What the rows say of one build, the same for all binaries of it; or why they say nothing. */
export type Said = readonly SaidClaim[] | Silence;

export interface SaidClaim {
  /** The verdict on one vulnerability in one binary, from which the others are copied. */
  model: Verdict;
  ids: readonly string[];
  /** For each of `ids`. */
  evidence: readonly string[];
}

export type Silence = Pick<UncoveredPackage, 'reason' | 'detail'>;

/** What is said of a build, said of one of its binaries. */
export function matchOf(pkg: InstalledPackage, said: Said): PackageMatch {
  return 'reason' in said ? { uncovered: { package: pkg, ...said } } : { verdicts: verdictsOn(pkg, said) };
}

function verdictsOn(pkg: InstalledPackage, said: readonly SaidClaim[]): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const { model, ids, evidence } of said) {
    for (let at = 0; at < ids.length; at++) {
      // The model has every field, so that a copy has its shape at once: adding fields to it takes V8 five times as long.
      const verdict = { ...model };
      verdict.package = pkg;
      verdict.vulnerability = ids[at]!;
      verdict.evidence = evidence[at]!;
      verdicts.push(verdict);
    }
  }
  return verdicts;
}
