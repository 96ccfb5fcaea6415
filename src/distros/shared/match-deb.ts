import type { Shard } from '../../feed/read/feed.ts';
import { claimIds, type ShardTables } from '../../feed/read/shard-records.ts';
import type {
  ClaimKind,
  InstalledPackage,
  PackageRecord,
  StoredClaim,
  Verdict,
  VerdictRule,
} from '../../model/index.ts';
import { compareDpkg, type DpkgVersion, parseDpkgVersion } from '../../packaging/deb/version.ts';
import { matchOf, type PackageMatch, type Said, type SaidClaim, type Silence } from './said.ts';
import type { Outcome, Term, Threshold } from './threshold.ts';

/** The parts in which the rules of dpkg distributions differ. */
export interface DebRule {
  /** The rows that judge a source, or why there are none. */
  rowsFor(source: InstalledPackage['source']): DebRows | Silence;
  /** The claims that apply to a build, with their outcomes. `all`: also fixed and not affected ones. */
  judge(claims: readonly StoredClaim[], tables: ShardTables, build: DebBuild, all: boolean): JudgedClaim[];
  /** What decides on a build, of those claims among a source's that name one vulnerability. */
  threshold(
    named: readonly StoredClaim[],
    claims: readonly StoredClaim[],
    tables: ShardTables,
    build: DebBuild,
  ): Threshold<Term> | undefined;
}

/** The rows that judge a source, and the version that they judge. */
export interface DebRows {
  shard: Shard;
  version: string;
  marks: readonly string[];
}

/** An installed source version, as text and parsed. */
export interface DebBuild {
  version: string;
  parsed: DpkgVersion;
}

/** A claim that applies, its outcome for the installed version, and the vulnerabilities that it decides. */
export interface JudgedClaim {
  kind: ClaimKind;
  claim: StoredClaim;
  outcome: Outcome;
  ids: readonly string[];
}

export interface DebMatcher {
  match(pkg: InstalledPackage): PackageMatch;
  rule(pkg: InstalledPackage, vulnerability: string): VerdictRule | undefined;
}

export function debMatcher(rule: DebRule, all: boolean): DebMatcher {
  return {
    match: sourceMatcher(rule, all),
    rule: ({ source }, vulnerability) => debRule(source, vulnerability, rule),
  };
}

/** Judges installed dpkg packages by their source versions; fastest in the order of sources. */
function sourceMatcher(rule: DebRule, all: boolean): DebMatcher['match'] {
  let name: string | undefined;
  let version: string | undefined;
  let said: Said = [];
  return (pkg) => {
    const { source } = pkg;
    if (source.name !== name || source.version !== version) {
      said = judgeSource(pkg, rule, all);
      ({ name, version } = source);
    }
    return matchOf(pkg, said);
  };
}

function judgeSource(pkg: InstalledPackage, rule: DebRule, all: boolean): Said {
  const { source } = pkg;
  const rows = rule.rowsFor(source);
  if ('reason' in rows) return rows;
  const record = rows.shard.record(source.name);
  if (!record) return withoutStatements(source.name, rows.shard);
  const parsed = parseDpkgVersion(rows.version);
  if (parsed) return judgeRecord(pkg, record, { version: rows.version, parsed }, rows, rule, all);
  return { reason: 'unparsable_version', detail: `source version ${rows.version} is not a dpkg version` };
}

/** The threshold by which a source is judged, as `explain` tells it. */
function debRule(
  source: InstalledPackage['source'],
  vulnerability: string,
  rule: DebRule,
): VerdictRule | undefined {
  const rows = rule.rowsFor(source);
  if ('reason' in rows) return undefined;
  const { version, shard } = rows;
  const claims = shard.record(source.name)?.claims ?? [];
  const parsed = parseDpkgVersion(version);
  const named = claims.filter(({ ids }) => claimIds(ids, shard.tables).includes(vulnerability));
  const threshold = parsed && rule.threshold(named, claims, shard.tables, { version, parsed });
  return (
    threshold && {
      fixes: threshold.fixes.map(({ fixed, channel }) => ({
        version: fixed!,
        ...(channel && { stream: channel }),
        installed: version,
        comparison: compareDpkg(version, fixed!),
      })),
      otherwise: threshold.below.otherwise,
    }
  );
}

/** A package without statements is clean only if the vendor ships it. */
function withoutStatements(source: string, shard: Shard): Said {
  if (shard.ships(source) !== false) return [];
  return { reason: 'not_covered', detail: `${shard.platform.id} never shipped source ${source}` };
}

/** Judges a record. The compiler has checked the claims' versions, and the installed version was checked before. */
function judgeRecord(
  pkg: InstalledPackage,
  { package: name, claims }: PackageRecord,
  build: DebBuild,
  rows: DebRows,
  rule: DebRule,
  all: boolean,
): SaidClaim[] {
  const { shard } = rows;
  const said: SaidClaim[] = [];
  for (const judged of rule.judge(claims, shard.tables, build, all)) {
    const evidence = shard.evidence(judged.claim.evidence);
    said.push({
      model: modelVerdict(pkg, judged, rows),
      ids: judged.ids,
      evidence: judged.ids.map((id) => evidence(name, id)),
    });
  }
  return said;
}

/** A claim's verdict, without its vulnerability. */
function modelVerdict(
  pkg: InstalledPackage,
  { kind, claim, outcome }: JudgedClaim,
  { shard, marks }: DebRows,
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
