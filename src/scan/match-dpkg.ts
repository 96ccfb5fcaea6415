import {
  evidenceFor,
  type InstalledPackage,
  type ShardClaim,
  type ShardLine,
  type UncoveredPackage,
  type Verdict,
} from '../model/index.ts';
import { debianOrigin, foreignOrigin } from '../versions/debian-origin.ts';
import { compareDpkg } from '../versions/dpkg.ts';
import { ubuntuForeignOrigin } from '../versions/ubuntu-build.ts';
import type { Shard } from './feed.ts';
import { type Judged, judgeChannels, type Outcome, type ProServices } from './ubuntu-channels.ts';

/** What a matcher gives back for one installed package: its verdicts, or why there are none. */
export type PackageMatch = { verdicts: Verdict[] } | { uncovered: UncoveredPackage };

export interface DpkgContext {
  shard: Shard;
  /** Shard of another Debian release, for packages that were built for it; undefined: the feed has none. */
  release(number: number): Shard | undefined;
  /** Also make verdicts `fixed` and `not_affected`. */
  all: boolean;
  /** Channels of Ubuntu Pro that the image installs from. */
  pro: ProServices;
}

/** Which rows judge a package, and which version of it they judge. */
interface Judge {
  shard: Shard;
  version: string;
  marks: string[];
}

/** Judges one installed dpkg package by its source version (verdict-rules 0.1, 1). */
export function matchDpkg(pkg: InstalledPackage, context: DpkgContext): PackageMatch {
  const judge = judgeOf(pkg, context);
  if ('uncovered' in judge) return judge;
  const line = judge.shard.package(pkg.source.name);
  if (!line) return withoutStatements(pkg, judge);
  if (compareDpkg(judge.version, judge.version) === undefined) {
    return uncovered(pkg, 'unparsable_version', `source version ${judge.version} is not a dpkg version`);
  }
  return { verdicts: judgeLine(pkg, line, judge, context) };
}

/**
 * A build for another release is judged by that release's rows: a backport by those of the release it was taken from.
 * Without such rows it is of another origin, and no row speaks of it.
 */
function judgeOf(
  pkg: InstalledPackage,
  { shard, release }: DpkgContext,
): Judge | { uncovered: UncoveredPackage } {
  const { name, version } = pkg.source;
  const here: Judge = { shard, version, marks: [] };
  const debian = shard.platform.os.id === 'debian';
  const foreign = debian ? foreignOrigin(version) : ubuntuForeignOrigin(version);
  if (foreign !== undefined) return uncovered(pkg, 'other_origin', `version carries ${foreign}`);
  if (!debian) return here;
  const origin = debianOrigin(version);
  if (!origin) return here;
  const built = origin.backportOf === undefined ? origin.release : origin.release + 1;
  const ours = Number(shard.platform.os.version);
  if (built === ours || shard.platform.ownDespiteSuffix?.includes(name)) return here;
  const other = release(built);
  if (!other)
    return uncovered(pkg, 'other_origin', `built for Debian ${built}, which the feed has no data for`);
  return { shard: other, version: origin.backportOf ?? version, marks: ['judged_by_other_release'] };
}

/** No statement is silence of the vendor only if the vendor ships the package at all. */
function withoutStatements(pkg: InstalledPackage, { shard }: Judge): PackageMatch {
  if (shard.ships(pkg.source.name) !== false) return { verdicts: [] };
  return uncovered(pkg, 'not_covered', `${shard.platform.id} never shipped source ${pkg.source.name}`);
}

function judgeLine(
  pkg: InstalledPackage,
  line: ShardLine,
  judge: Judge,
  { all, pro }: DpkgContext,
): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const { claim, outcome, ids } of judgeOnce(line, judge.version, pro)) {
    if (!all && (outcome.status === 'fixed' || outcome.status === 'not_affected')) continue;
    const common = commonVerdict(pkg, claim, outcome, judge);
    const template = judge.shard.platform.evidence[claim.evidence ?? 0]!;
    const evidence = evidenceFor(template, pkg.source.name);
    for (const id of ids) verdicts.push({ ...common, vulnerability: id, evidence: evidence(id) });
  }
  return verdicts;
}

// The binaries of one source build follow each other and are judged alike: once is enough for all of them.
let lastJudged: { line: ShardLine; version: string; pro: ProServices; judged: Judged[] } | undefined;

/** The compiler lets no claim pass whose version does not parse, and the installed one was checked before. */
function judgeOnce(line: ShardLine, version: string, pro: ProServices): Judged[] {
  if (lastJudged?.line !== line || lastJudged.version !== version || lastJudged.pro !== pro) {
    lastJudged = { line, version, pro, judged: judgeChannels(line.claims, version, pro) };
  }
  return lastJudged.judged;
}

/** What the verdicts of one claim share. */
function commonVerdict(
  pkg: InstalledPackage,
  claim: ShardClaim,
  outcome: Outcome,
  { shard, marks }: Judge,
): Omit<Verdict, 'vulnerability' | 'evidence'> {
  return {
    platform: shard.platform.id,
    package: pkg,
    ...outcome,
    ...(claim.reason === undefined ? {} : { reason: claim.reason }),
    severity: claim.severity ?? 'unknown',
    ...(claim.suppressed === undefined ? {} : { suppressed: claim.suppressed }),
    advisories: claim.advisories ?? [],
    marks: [...(claim.marks ?? []), ...marks],
    ...(claim.channel === undefined ? {} : { channel: claim.channel }),
  };
}

function uncovered(
  pkg: InstalledPackage,
  reason: UncoveredPackage['reason'],
  detail: string,
): { uncovered: UncoveredPackage } {
  return { uncovered: { package: pkg, reason, detail } };
}
