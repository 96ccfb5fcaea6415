import { kindOf } from '../../../feed/read/shard-records.ts';
import type { FeedPlatform, InstalledPackage, Inventory, OsRelease } from '../../../model/index.ts';
import { dpkgInstalled } from '../../../packaging/deb/version.ts';
import type { Judge, MatchContext } from '../../contract.ts';
import { type SourceRows, type SourceRule, sourceMatcher } from '../../shared/match-source.ts';
import { judgePlainRows } from '../../shared/plain-rows.ts';
import type { Silence } from '../../shared/said.ts';
import { plainThreshold } from '../../shared/threshold.ts';
import { isDebianKernel } from './kernel.ts';
import { debianOrigin, foreignOrigin } from './origin.ts';
import { debianPages } from './pages.ts';

export const debianJudge: Judge = {
  id: 'debian',
  databases: ['deb'],
  pages: debianPages,
  kernel: isDebianKernel,
  unversioned,
  matcher: (context) => sourceMatcher(ruleFor(context), context.all),
};

function ruleFor({ feed, shard }: MatchContext): SourceRule {
  return {
    rowsFor: (source) => rowsFor(source, shard, (release) => feed.shard(`debian-${release}`)),
    installed: dpkgInstalled,
    packager: 'dpkg',
    judge: (claims, tables, { installed }, all) => judgePlainRows(claims, tables, installed, all),
    threshold: (named, _, tables) =>
      plainThreshold(named.map((claim) => ({ kind: kindOf(claim, tables), claim }))),
  };
}

/**
 * A build for another release is judged by that release's rows: a backport by those of the release it was taken from.
 * Without such rows it is of another origin, and no row applies.
 */
function rowsFor(
  { name, version }: InstalledPackage['source'],
  shard: SourceRows['shard'],
  shardOf: (release: number) => SourceRows['shard'] | undefined,
): SourceRows | Silence {
  const foreign = foreignOrigin(version);
  if (foreign !== undefined) return { reason: 'other_origin', detail: `version carries ${foreign}` };
  const here: SourceRows = { shard, version, marks: [] };
  const origin = debianOrigin(version);
  if (!origin) return here;
  const built = origin.backportOf === undefined ? origin.release : origin.release + 1;
  const ours = Number(shard.platform.os.version);
  if (built === ours || shard.platform.ownDespiteSuffix?.includes(name)) return here;
  const other = shardOf(built);
  if (!other) {
    return { reason: 'other_origin', detail: `built for Debian ${built}, which the feed has no data for` };
  }
  return { shard: other, version: origin.backportOf ?? version, marks: ['judged_by_other_release'] };
}

/** Testing and sid have no VERSION_ID and the same codename: only apt's sources tell them apart. */
function unversioned(
  platforms: readonly FeedPlatform[],
  os: OsRelease,
  { aptSuites = [] }: Pick<Inventory, 'aptSuites'>,
): { platform: FeedPlatform; marks: string[] } | undefined {
  const sid = platforms.find((platform) => platform.os.codename === 'sid');
  const saysSid = aptSuites.some((suite) => suite === 'sid' || suite === 'unstable');
  if (sid && (saysSid || os.codename === 'sid')) return { platform: sid, marks: [] };
  const testing = platforms.find((platform) => platform !== sid && platform.os.codename === os.codename);
  return testing && { platform: testing, marks: sid && aptSuites.length === 0 ? ['assumed_testing'] : [] };
}
