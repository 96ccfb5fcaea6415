import { kindOf } from '../../../feed/read/shard-records.ts';
import { apkInstalled } from '../../../packaging/apk/version.ts';
import type { Judge, MatchContext } from '../../contract.ts';
import { type SourceRule, sourceMatcher } from '../../shared/match-source.ts';
import { judgePlainRows } from '../../shared/plain-rows.ts';
import { plainThreshold } from '../../shared/threshold.ts';
import { repositoriesOf } from '../image/repositories.ts';
import { isAlpineKernel } from './kernel.ts';
import { alpinePages } from './pages.ts';
import { alpineRelease } from './release.ts';

export const alpineJudge: Judge = {
  id: 'alpine',
  databases: ['apk'],
  release: alpineRelease,
  pages: alpinePages,
  kernel: isAlpineKernel,
  matcher: (context) => sourceMatcher(ruleFor(context), context.all),
};

/** Every package is built from one source of the same version, and every row is about one release. */
function ruleFor({ shard, inventory }: MatchContext): SourceRule {
  const branches = repositoriesOf(inventory)?.branches ?? [];
  // With edge next to a release, a package's branch cannot be determined.
  const marks = branches.length > 1 ? ['mixed_branches'] : [];
  return {
    installed: apkInstalled,
    packager: 'apk',
    rowsFor: ({ version }) => ({ shard, version, marks }),
    judge: (claims, tables, { installed }, all) => judgePlainRows(claims, tables, installed, all),
    threshold: (named, _, tables) =>
      plainThreshold(named.map((claim) => ({ kind: kindOf(claim, tables), claim }))),
  };
}
