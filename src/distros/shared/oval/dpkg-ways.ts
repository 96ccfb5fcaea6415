import type { ShardClaim } from '../../../model/feed/index.ts';
import { dpkgLimit } from '../../../oval/document/evr.ts';
import type { DpkgBuild, DpkgWay, Inexpressible } from '../../../oval/forms/dpkg-rule.ts';
import type { InexactList } from '../../../oval/forms/inexact.ts';
import { compareDpkg } from '../../../packaging/deb/version.ts';
import type { Term, Threshold } from '../../shared/threshold.ts';

/** A threshold as tests for builds of one kind: true below the lowest fix, or, without a fix, if the package is installed. */
export function waysOf<T extends Term>(
  threshold: Threshold<T> | undefined,
  claimOf: (term: T) => ShardClaim,
  build?: DpkgBuild,
): DpkgWay[] | Inexpressible {
  if (threshold?.below.otherwise.status !== 'affected') return [];
  const lowest = lowestOf(threshold.fixes);
  const below = lowest === undefined ? undefined : dpkgLimit(lowest);
  if (lowest !== undefined && below === undefined) return 'unparsable_fixed_version';
  const selection = threshold.below.otherwise.fixState === 'available' ? 'fixed' : 'unfixed';
  return [{ selection, build, below, claim: claimOf(threshold.below) }];
}

function lowestOf(fixes: readonly Term[]): string | undefined {
  let lowest: string | undefined;
  for (const { fixed } of fixes) {
    if (lowest === undefined || compareDpkg(fixed!, lowest) === -1) lowest = fixed;
  }
  return lowest;
}

/** Notes what OVAL cannot express about dpkg systems as the index does. */
export function noteDpkgCauses(inexact: InexactList, files: readonly string[]): void {
  inexact.general(
    'other_origin',
    'A package whose version names another suite, a backport or a foreign archive, or lacks a revision, is compared like any other; ' +
      'the index sets it apart or judges it by the other suite.',
    files,
  );
  inexact.general(
    'unparsable_installed_version',
    'An installed version that is no dpkg version is compared nevertheless; the index sets it apart.',
    files,
  );
  inexact.general(
    'no_database',
    'Without a package database all but the coverage definition are false.',
    files,
  );
}
