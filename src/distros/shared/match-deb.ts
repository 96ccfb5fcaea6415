import type { Shard } from '../../feed/read/feed.ts';
import type { ShardTables } from '../../feed/read/shard-records.ts';
import type { ClaimKind, InstalledPackage, PackageRecord, StoredClaim, Verdict } from '../../model/index.ts';
import { type DpkgVersion, parseDpkgVersion } from '../../packaging/deb/version.ts';
import { matchOf, type PackageMatch, type Said, type SaidClaim, type Silence } from './said.ts';
import type { Outcome } from './threshold.ts';

/** The parts in which the rules of dpkg distributions differ. */
export interface DebRule {
  /** The rows that judge a source, or why there are none. */
  rowsFor(source: InstalledPackage['source']): DebRows | Silence;
  /** The claims that apply to a build, with their outcomes. `all`: also fixed and not affected ones. */
  judge(claims: readonly StoredClaim[], tables: ShardTables, build: DebBuild, all: boolean): JudgedClaim[];
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

/** Judges installed dpkg packages by their source versions; fastest in the order of sources. */
export function debMatcher(rule: DebRule, all: boolean): (pkg: InstalledPackage) => PackageMatch {
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
