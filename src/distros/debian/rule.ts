import { kindOf } from '../../feed/read/shard-records.ts';
import type { FeedPlatform, ReferencePages } from '../../model/feed/index.ts';
import type { InstalledPackage, Inventory, OsRelease } from '../../model/inventory/index.ts';
import { dpkgInstalled } from '../../packaging/deb/version.ts';
import type { Judge, MatchContext } from '../contract.ts';
import { foreignBuild } from '../shared/foreign-build.ts';
import { kernelFamilies, kernelNames } from '../shared/kernel.ts';
import { type SourceRows, type SourceRule, sourceMatcher } from '../shared/match-source.ts';
import type { NoStatement } from '../shared/package-match.ts';
import { judgePlainRows } from '../shared/plain-rows.ts';
import { plainThreshold } from '../shared/threshold.ts';

const tracker = 'https://security-tracker.debian.org/tracker/';

export const debianPages: ReferencePages = { flaws: tracker, advisories: { DSA: tracker, DLA: tracker } };

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
    foreign: (pkg) => foreignBuild(pkg, foreign),
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
): SourceRows | NoStatement {
  const here: SourceRows = { shard, version, marks: [] };
  const origin = debianOrigin(version);
  if (!origin) {
    const detail = withoutRevision({ name, version }, shard);
    return detail === undefined ? here : { reason: 'other_origin', detail };
  }
  const built = origin.backportOf === undefined ? origin.release : origin.release + 1;
  const ours = Number(shard.platform.os.version);
  if (built === ours || shard.platform.ownDespiteSuffix?.includes(name)) return here;
  const other = shardOf(built);
  if (!other) {
    return { reason: 'other_origin', detail: `built for Debian ${built}, which the feed has no data for` };
  }
  return { shard: other, version: origin.backportOf ?? version, marks: ['judged_by_other_release'] };
}

/** Testing and sid have no VERSION_ID and the same codename; only apt's sources distinguish them. */
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

/** `linux`, `linux-6.1` (LTS), `linux-signed-amd64`; `linux-latest` and `linux-tools` until Debian 9. */
const sources = kernelNames('linux', 'signed amd64 arm64 i386 latest tools kbuild grsec');

/** Their binaries in the indexes of all suites, without user space such as linux-perf, linux-cpupower and linux-bpf-dev. */
const families = kernelFamilies(
  'image headers modules binary kbuild support compiler config source doc manual patch template',
);

function isDebianKernel({ name, source }: InstalledPackage): boolean {
  return sources(source.name) && families(name);
}

/** The Debian release a version was built for, by its suffix; undefined: it has none. */
interface DebianOrigin {
  release: number;
  /** For a backport (`~bpo12+1`), the version in the next release that it was built from. */
  backportOf?: string;
}

const backport = /~bpo(\d+)[+.].*$/;
const stableUpdate = /[+~]deb(\d+)u\d+/g;

/**
 * Debian marks stable updates by `+debNuM` or `~debNuM` and backports by `~bpoN+M` (developers-reference 5.11.2, 5.11.4).
 * A backport has the fixes of the release it was taken from, whose rows judge it without its suffix.
 */
export function debianOrigin(version: string): DebianOrigin | undefined {
  const cut = backport.exec(version);
  if (cut) return { release: Number(cut[1]), backportOf: version.slice(0, cut.index) };
  const last = [...version.matchAll(stableUpdate)].at(-1);
  return last ? { release: Number(last[1]) } : undefined;
}

// Marks in versions of more archives that use Debian's package names: deb.sury.org, Ubuntu, Raspberry Pi OS, Kali, Zabbix
// (`+debian12`), and those that name the release by its codename, such as nginx.org and packages.redis.io. Debian itself
// names releases by number since its eighth.
const foreign =
  /\+0~\d{8}|ubuntu\d|[+~]rp[it]\d|kali\d|\+debian1\d|(?<![a-z])(?:jessie|stretch|buster|bullseye|bookworm|trixie|forky|duke)(?![a-z])/;

/**
 * Debian's builds of a source have a revision or none. Where an update of this release has one, a build without is a program
 * that others packed under Debian's name, as distroless did with Node.js.
 */
function withoutRevision(
  { name, version }: InstalledPackage['source'],
  shard: SourceRows['shard'],
): string | undefined {
  if (version.includes('-') || !dpkgInstalled(version)) return undefined;
  const { id, os } = shard.platform;
  const update = shard
    .record(name)
    ?.claims.find(({ fixed }) => fixed?.includes('-') && debianOrigin(fixed)?.release === Number(os.version));
  return update && `${version} has no revision, as ${update.fixed} of ${id} has`;
}
