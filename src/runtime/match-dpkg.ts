import { debianOrigin, foreignOrigin } from '../distros/debian/rule/origin.ts';
import { ubuntuForeignOrigin } from '../distros/ubuntu/rule/build.ts';
import { type Judged, judgeClaims, type ProServices } from '../distros/ubuntu/rule/channels.ts';
import type { InstalledPackage, PackageRecord, Verdict } from '../model/index.ts';
import { type DpkgVersion, parseDpkgVersion } from '../packaging/deb/version.ts';
import type { Shard } from './feed.ts';
import { matchOf, type PackageMatch, type Said, type SaidClaim, type Silence } from './said.ts';

export interface DpkgContext {
  shard: Shard;
  /** Shard of another Debian release, for packages that were built for it; undefined: the feed has none. */
  release(number: number): Shard | undefined;
  /** Also make verdicts `fixed` and `not_affected`. */
  all: boolean;
  /** Channels of Ubuntu Pro that the image installs from. */
  pro: ProServices;
}

/** Which rows judge a source, and which version of it they judge. */
interface Judge {
  shard: Shard;
  version: string;
  marks: readonly string[];
}

/** Judges installed dpkg packages by their source versions (verdict-rules 0.1, 1); quickest in the order of sources. */
export function dpkgMatcher(context: DpkgContext): (pkg: InstalledPackage) => PackageMatch {
  let name: string | undefined;
  let version: string | undefined;
  let said: Said = [];
  return (pkg) => {
    const { source } = pkg;
    if (source.name !== name || source.version !== version) {
      said = judgeSource(pkg, context);
      ({ name, version } = source);
    }
    return matchOf(pkg, said);
  };
}

function judgeSource(pkg: InstalledPackage, context: DpkgContext): Said {
  const { source } = pkg;
  const judge = judgeOf(source, context);
  if ('reason' in judge) return judge;
  const { shard, version } = judge;
  const record = shard.record(source.name);
  if (!record) return withoutStatements(source.name, shard);
  const installed = parseDpkgVersion(version);
  if (installed) return judgeRecord(pkg, record, installed, judge, context);
  return { reason: 'unparsable_version', detail: `source version ${version} is not a dpkg version` };
}

/**
 * A build for another release is judged by that release's rows: a backport by those of the release it was taken from.
 * Without such rows it is of another origin, and no row speaks of it.
 */
function judgeOf(
  { name, version }: InstalledPackage['source'],
  { shard, release }: DpkgContext,
): Judge | Silence {
  const here: Judge = { shard, version, marks: [] };
  const debian = shard.platform.os.id === 'debian';
  const foreign = debian ? foreignOrigin(version) : ubuntuForeignOrigin(version);
  if (foreign !== undefined) return { reason: 'other_origin', detail: `version carries ${foreign}` };
  if (!debian) return here;
  const origin = debianOrigin(version);
  if (!origin) return here;
  const built = origin.backportOf === undefined ? origin.release : origin.release + 1;
  const ours = Number(shard.platform.os.version);
  if (built === ours || shard.platform.ownDespiteSuffix?.includes(name)) return here;
  const other = release(built);
  if (!other) {
    const detail = `built for Debian ${built}, which the feed has no data for`;
    return { reason: 'other_origin', detail };
  }
  return { shard: other, version: origin.backportOf ?? version, marks: ['judged_by_other_release'] };
}

/** No statement is silence of the vendor only if the vendor ships the package at all. */
function withoutStatements(source: string, shard: Shard): Said {
  if (shard.ships(source) !== false) return [];
  return { reason: 'not_covered', detail: `${shard.platform.id} never shipped source ${source}` };
}

/** The compiler lets no claim pass whose version does not parse, and the installed one was checked before. */
function judgeRecord(
  pkg: InstalledPackage,
  { package: name, claims }: PackageRecord,
  installed: DpkgVersion,
  judge: Judge,
  { pro, all }: DpkgContext,
): SaidClaim[] {
  const { shard, version } = judge;
  const build = { version, parsed: installed };
  const said: SaidClaim[] = [];
  for (const judged of judgeClaims(claims, shard.tables, build, pro, all)) {
    const evidence = shard.evidence(judged.claim.evidence);
    said.push({
      model: modelVerdict(pkg, judged, judge),
      ids: judged.ids,
      evidence: judged.ids.map((id) => evidence(name, id)),
    });
  }
  return said;
}

/** A verdict of a claim, still without its vulnerability. */
function modelVerdict(
  pkg: InstalledPackage,
  { kind, claim, outcome }: Judged,
  { shard, marks }: Judge,
): Verdict {
  return {
    vulnerability: '',
    platform: shard.platform.id,
    package: pkg,
    ...outcome,
    ...(kind.reason === undefined ? {} : { reason: kind.reason }),
    severity: kind.severity ?? 'unknown',
    ...(kind.suppressed === undefined ? {} : { suppressed: kind.suppressed }),
    advisories: claim.advisories ?? [],
    marks: kind.marks ? [...kind.marks, ...marks] : marks,
    ...(kind.channel === undefined ? {} : { channel: kind.channel }),
    evidence: '',
  };
}
