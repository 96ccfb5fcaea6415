import type { ShardLine, Unread } from '../../model/feed/index.ts';
import type { InstalledPackage, InventoryNote } from '../../model/inventory/index.ts';
import type { UncoveredPackage, Verdict } from '../../model/verdict/index.ts';

/**
 * The result for one installed package: its verdicts, or why it is not covered. `unread`: of the vendor's statements about it these
 * could not be read, so that the verdicts are not all. `undecided`: which fact about it is not stated, so that they are not all either. `notices`: what is stated of it besides flaws.
 */
export type PackageMatch =
  | { verdicts: Verdict[]; unread?: Unread; undecided?: string; notices?: readonly InventoryNote[] }
  | { uncovered: UncoveredPackage };

/** The result for one build, the same for all of its binaries: claims, or why it is not covered. */
export type BuildMatch = readonly MatchedClaim[] | NoStatement;

export interface MatchedClaim {
  /** The verdict about one vulnerability in one binary, from which the others are copied. */
  model: Verdict;
  ids: readonly string[];
  /** For each of `ids`. */
  evidence: readonly string[];
}

export type NoStatement = Pick<UncoveredPackage, 'reason' | 'detail'>;

/** Applies a build's result to one of its binaries. */
export function matchOf(pkg: InstalledPackage, matched: BuildMatch, unread?: Unread): PackageMatch {
  return 'reason' in matched
    ? { uncovered: { package: pkg, ...matched } }
    : { verdicts: verdictsOn(pkg, matched), ...(unread ? { unread } : {}) };
}

type UnreadLine = Pick<ShardLine, 'unread' | 'unreadRecords'>;

/** Unreadable parts of the lines that a package is judged by. */
export function unreadIn(lines: Iterable<UnreadLine | undefined>): Unread | undefined {
  let all: Unread | undefined;
  for (const line of lines) {
    if (line?.unread === undefined) continue;
    const { unread, unreadRecords = [] } = line;
    all = { count: (all?.count ?? 0) + unread, records: [...(all?.records ?? []), ...unreadRecords] };
  }
  return all;
}

function verdictsOn(pkg: InstalledPackage, matched: readonly MatchedClaim[]): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const { model, ids, evidence } of matched) {
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
