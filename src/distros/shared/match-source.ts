import type { Shard } from '../../feed/read/feed.ts';
import { claimIds, type ShardTables } from '../../feed/read/shard-records.ts';
import type { VerdictRule } from '../../model/compliance/index.ts';
import type { ClaimKind, PackageRecord, StoredClaim, Unread } from '../../model/feed/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import type { Verdict } from '../../model/verdict/index.ts';
import {
  type BuildMatch,
  type MatchedClaim,
  matchOf,
  type NoStatement,
  type PackageMatch,
  unreadIn,
} from './package-match.ts';
import type { Installed, Outcome, Term, Threshold } from './threshold.ts';

/** Differences between distributions whose statements are about packages of one version, most of them source packages. */
export interface SourceRule {
  /** An installed version, ready to be compared; undefined: the packager would not take it for a version. */
  installed(version: string): Installed | undefined;
  /** The packager's name, for messages. */
  packager: 'apk' | 'dpkg' | 'pacman';
  /** Returns evidence that a package is of another archive or vendor, whose builds no row covers. Default: none. */
  foreign?(pkg: InstalledPackage): string | undefined;
  /** Name and version by which rows are looked up. Default: those of the source. */
  subjectOf?(pkg: InstalledPackage): InstalledPackage['source'];
  /** The rows that judge a subject, or why there are none. */
  rowsFor(subject: InstalledPackage['source']): SourceRows | NoStatement;
  /** The claims that apply to a build, with their outcomes. `all`: also fixed and not affected ones. */
  judge(claims: readonly StoredClaim[], tables: ShardTables, build: SourceBuild, all: boolean): JudgedClaim[];
  /** The claim that decides on a build, of a source's claims that name one vulnerability. */
  threshold(
    named: readonly StoredClaim[],
    claims: readonly StoredClaim[],
    tables: ShardTables,
    build: SourceBuild,
  ): Threshold<Term> | undefined;
}

/** The rows that judge a source, and the version that they judge. */
export interface SourceRows {
  shard: Shard;
  version: string;
  marks: readonly string[];
}

/** An installed source version, as text and ready to be compared. */
export interface SourceBuild {
  version: string;
  installed: Installed;
}

/** A claim that applies, its outcome for the installed version, and the vulnerabilities that it decides. */
export interface JudgedClaim {
  kind: ClaimKind;
  claim: StoredClaim;
  outcome: Outcome;
  ids: readonly string[];
}

export interface SourceMatcher {
  match(pkg: InstalledPackage): PackageMatch;
  rule(pkg: InstalledPackage, vulnerability: string): VerdictRule | undefined;
}

export function sourceMatcher(rule: SourceRule, all: boolean): SourceMatcher {
  return {
    match: bySource(rule, all),
    rule: (pkg, vulnerability) =>
      rule.foreign?.(pkg) === undefined ? ruleFor(subjectOf(pkg, rule), vulnerability, rule) : undefined,
  };
}

function subjectOf(pkg: InstalledPackage, rule: SourceRule): InstalledPackage['source'] {
  return rule.subjectOf?.(pkg) ?? pkg.source;
}

/** Judges installed packages by their source versions; fastest in the order of sources. */
function bySource(rule: SourceRule, all: boolean): SourceMatcher['match'] {
  let name: string | undefined;
  let version: string | undefined;
  let matched: BuildMatch = [];
  let unread: Unread | undefined;
  return (pkg) => {
    const foreign = rule.foreign?.(pkg);
    if (foreign !== undefined) return matchOf(pkg, { reason: 'other_origin', detail: foreign }, undefined);
    const source = subjectOf(pkg, rule);
    if (source.name !== name || source.version !== version) {
      ({ matched, unread } = judgeSource(pkg, rule, all));
      ({ name, version } = source);
    }
    return matchOf(pkg, matched, unread);
  };
}

/** The result for a source's builds, and which statements about it could not be read. */
function judgeSource(
  pkg: InstalledPackage,
  rule: SourceRule,
  all: boolean,
): { matched: BuildMatch; unread?: Unread | undefined } {
  const source = subjectOf(pkg, rule);
  const rows = rule.rowsFor(source);
  if ('reason' in rows) return { matched: rows };
  const record = rows.shard.record(source.name);
  if (!record) return { matched: withoutStatements(source.name, rows.shard) };
  const unread = unreadIn([record]);
  const { version } = rows;
  const installed = rule.installed(version);
  if (installed)
    return { matched: judgeRecord(pkg, record, { version, installed }, rows, rule, all), unread };
  const detail = `source version ${version} is not a version of ${rule.packager}`;
  return { matched: { reason: 'unparsable_version', detail } };
}

/** The threshold by which a source is judged, for `explain`. */
function ruleFor(
  source: InstalledPackage['source'],
  vulnerability: string,
  rule: SourceRule,
): VerdictRule | undefined {
  const rows = rule.rowsFor(source);
  if ('reason' in rows) return undefined;
  const { version, shard } = rows;
  const claims = shard.record(source.name)?.claims ?? [];
  const installed = rule.installed(version);
  const named = claims.filter(({ ids }) => claimIds(ids, shard.tables).includes(vulnerability));
  const threshold = installed && rule.threshold(named, claims, shard.tables, { version, installed });
  return (
    threshold && {
      fixes: threshold.fixes.map(({ fixed, channel }) => ({
        version: fixed!,
        ...(channel && { stream: channel }),
        installed: version,
        comparison: installed(fixed!),
      })),
      otherwise: threshold.below.otherwise,
    }
  );
}

/** A package without statements is clean only if the vendor ships it. */
function withoutStatements(source: string, shard: Shard): BuildMatch {
  if (shard.ships(source) !== false) return [];
  return {
    reason: 'not_covered',
    detail: `the feed's list of packages of ${shard.platform.id} has no source ${source}`,
  };
}

/** Judges a record. The compiler has checked the claims' versions, and the installed version was checked before. */
function judgeRecord(
  pkg: InstalledPackage,
  { package: name, claims }: PackageRecord,
  build: SourceBuild,
  rows: SourceRows,
  rule: SourceRule,
  all: boolean,
): MatchedClaim[] {
  const { shard } = rows;
  const matched: MatchedClaim[] = [];
  for (const judged of rule.judge(claims, shard.tables, build, all)) {
    const evidence = shard.evidence(judged.claim);
    matched.push({
      model: modelVerdict(pkg, judged, rows),
      ids: judged.ids,
      evidence: judged.ids.map((id) => evidence(name, id)),
    });
  }
  return matched;
}

/** A claim's verdict, without its vulnerability. */
function modelVerdict(
  pkg: InstalledPackage,
  { kind, claim, outcome }: JudgedClaim,
  { shard, marks }: SourceRows,
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
