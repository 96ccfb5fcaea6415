import type { Judge, Matcher } from '../distros/contract.ts';
import type { Shard } from '../feed/read/feed.ts';
import { claimIds, kindOf } from '../feed/read/shard-records.ts';
import type { VerdictRule } from '../model/compliance/index.ts';
import { recordSeverities, type StoredClaim } from '../model/feed/index.ts';
import type { InstalledPackage, InventoryNote } from '../model/inventory/index.ts';
import { pushTo } from '../model/order.ts';
import { byAlias, informational, malicious, type Verdict } from '../model/verdict/index.ts';
import { type AffectedRange, type Interval, parseRange, placeIn, rangeTexts } from '../packaging/range.ts';
import type { Ecosystem } from './ecosystems.ts';

/** Judges packages of an ecosystem by the ranges of its data. What the data does not name has no known flaw. */
export function ecosystemJudge(ecosystem: Ecosystem): Judge {
  return {
    id: ecosystem.id,
    databases: [],
    rates: true,
    matcher: ({ shard, all }) => new EcosystemMatcher(ecosystem, shard, all),
  };
}

/** A claim about one flaw, and where the installed version is in its range. */
interface PlacedClaim {
  claim: StoredClaim;
  interval: Interval | undefined;
}

class EcosystemMatcher implements Matcher {
  readonly #ecosystem: Ecosystem;
  readonly #shard: Shard;
  readonly #all: boolean;
  readonly #ranges = new Map<string, AffectedRange>();

  constructor(ecosystem: Ecosystem, shard: Shard, all: boolean) {
    this.#ecosystem = ecosystem;
    this.#shard = shard;
    this.#all = all;
  }

  match(pkg: InstalledPackage): ReturnType<Matcher['match']> {
    const record = this.#shard.record(pkg.name);
    if (!record) return this.#withoutRecord(pkg);
    const placed = this.#placed(pkg, record.claims);
    if (!placed && record.claims.every((claim) => this.#marksOf(claim).includes(informational)))
      return { verdicts: [] };
    if (!placed) {
      const detail = `${pkg.version} is not a version of ${this.#ecosystem.name}`;
      return { uncovered: { package: pkg, reason: 'unparsable_version', detail } };
    }
    const verdicts = [...placed].flatMap(([id, claims]) => this.#verdict(pkg, id, claims) ?? []);
    const { unread: count, unreadRecords: records = [] } = record;
    const notices = this.#notices(pkg, record.claims);
    return { verdicts, notices, ...(count !== undefined && { unread: { count, records: [...records] } }) };
  }

  /** No data names the package: it has no known flaw, unless its name is only a part of one or the data is not about all packages. */
  #withoutRecord(pkg: InstalledPackage): ReturnType<Matcher['match']> {
    const { name, wholeName, unnamed } = this.#ecosystem;
    if (unnamed !== undefined) return { uncovered: { package: pkg, reason: 'undecidable', detail: unnamed } };
    if (!wholeName || wholeName.pattern.test(pkg.name)) return { verdicts: [] };
    const detail = `${pkg.name} is no name of ${name}, which has the form ${wholeName.words}`;
    return { uncovered: { package: pkg, reason: 'not_covered', detail } };
  }

  rule(pkg: InstalledPackage, vulnerability: string): VerdictRule | undefined {
    const claims = this.#shard.record(pkg.name)?.claims ?? [];
    const placed = this.#placed(pkg, claims)?.get(vulnerability);
    if (!placed) return undefined;
    const ranges = placed.map(({ claim, interval }) => ({
      advisories: claim.advisories ?? [],
      affected: rangeTexts(this.#rangeOf(claim.range ?? '*')),
      includes: interval !== undefined,
      ...(claim.imports && { imports: claim.imports }),
    }));
    const decided = this.#decisive(placed);
    if (!decided?.interval) return { fixes: [], ranges };
    const { fixed } = decided.interval;
    const { versions } = this.#ecosystem;
    const [installed, fix] = [
      versions.read(pkg.version),
      fixed === undefined ? undefined : versions.read(fixed),
    ];
    const otherwise = outcomeOf(decided.interval);
    if (fixed === undefined || installed === undefined || fix === undefined)
      return { fixes: [], otherwise, ranges };
    const comparison = Math.sign(versions.compare(installed, fix)) as -1 | 0 | 1;
    return { fixes: [{ version: fixed, installed: pkg.version, comparison }], otherwise, ranges };
  }

  /** The claims by flaw. Undefined: the installed version cannot be compared. */
  #placed(pkg: InstalledPackage, claims: readonly StoredClaim[]): Map<string, PlacedClaim[]> | undefined {
    const { versions } = this.#ecosystem;
    const version = versions.read(pkg.version);
    if (version === undefined) return undefined;
    const byId = new Map<string, PlacedClaim[]>();
    for (const claim of claims) {
      if (this.#marksOf(claim).includes(informational)) continue;
      const interval = placeIn(this.#rangeOf(claim.range ?? '*'), pkg.version, version, versions);
      for (const id of claimIds(claim.ids, this.#shard.tables)) pushTo(byId, id, { claim, interval });
    }
    return byId;
  }

  /** Notices about the package that are not flaws, such as `unmaintained` and `unsound`. */
  #notices(pkg: InstalledPackage, claims: readonly StoredClaim[]): InventoryNote[] {
    const { versions } = this.#ecosystem;
    const version = versions.read(pkg.version);
    if (version === undefined) return [];
    return claims.flatMap((claim) => {
      const { marks = [], reason = informational } = kindOf(claim, this.#shard.tables);
      const isStated =
        marks.includes(informational) &&
        placeIn(this.#rangeOf(claim.range ?? '*'), pkg.version, version, versions) !== undefined;
      const [record] = claim.advisories ?? [];
      return isStated
        ? { code: reason, where: `${pkg.name} ${pkg.version}`, ...(record && { detail: record }) }
        : [];
    });
  }

  #marksOf(claim: StoredClaim): readonly string[] {
    return kindOf(claim, this.#shard.tables).marks ?? [];
  }

  #rangeOf(text: string): AffectedRange {
    const known = this.#ranges.get(text);
    if (known) return known;
    const range = parseRange(text);
    this.#ranges.set(text, range);
    return range;
  }

  /** Of the records that state the flaw, the one whose fix is the last: below it another one still states it. */
  #decisive(claims: readonly PlacedClaim[]): PlacedClaim | undefined {
    const { read, compare } = this.#ecosystem.versions;
    const stated = claims.filter(({ interval }) => interval !== undefined);
    const fixes = stated.flatMap((each) => {
      const version = each.interval?.fixed === undefined ? undefined : read(each.interval.fixed);
      return version === undefined ? [] : [{ each, version }];
    });
    return fixes.sort((a, b) => compare(b.version, a.version))[0]?.each ?? stated[0];
  }

  /** A flaw is as severe in one version as in another: a record that excludes this one may be the only one with a rating. */
  #severities(claims: readonly PlacedClaim[]): Pick<Verdict, 'severity' | 'ghsaSeverity'> {
    return recordSeverities(
      claims.map(({ claim }) => ({
        severity: kindOf(claim, this.#shard.tables).severity,
        advisories: claim.advisories,
      })),
    );
  }

  /** A flaw that one record states and another excludes is a flaw, with a mark. */
  #verdict(
    pkg: InstalledPackage,
    vulnerability: string,
    claims: readonly PlacedClaim[],
  ): Verdict | undefined {
    const stated = claims.filter(({ interval }) => interval !== undefined);
    if (stated.length === 0 && !this.#all) return undefined;
    const shown = this.#decisive(claims) ?? claims[0]!;
    const { claim, interval } = shown;
    // Entries of one record are about versions of their own.
    const differ = stated.length > 0 && recordsOf(stated).length < recordsOf(claims).length;
    const isMalware = stated.some(({ claim }) => this.#marksOf(claim).includes(malicious));
    const marks = new Set([
      ...this.#marksOf(claim),
      ...(isMalware ? [malicious] : []),
      ...(differ ? ['sources_differ'] : []),
    ]);
    // A record that excludes this version does not overrule another record that includes it.
    const named = (stated.length > 0 ? stated : claims).filter(
      ({ claim }) => !this.#marksOf(claim).includes(byAlias),
    );
    return {
      vulnerability,
      platform: this.#shard.platform.id,
      package: pkg,
      ...(interval ? outcomeOf(interval) : { status: 'not_affected' as const }),
      ...(interval?.fixed !== undefined && { fixedVersion: interval.fixed }),
      ...this.#severities(claims),
      advisories: recordsOf(claims),
      aliases: recordsOf(named).filter((id) => id !== vulnerability),
      marks: [...marks],
      evidence: this.#shard.evidence(claim)(pkg.name, vulnerability, claim.advisories?.[0]),
    };
  }
}

function recordsOf(claims: readonly PlacedClaim[]): string[] {
  return [...new Set(claims.flatMap(({ claim: { advisories = [] } }) => advisories))];
}

function outcomeOf({ fixed }: Interval): Pick<Verdict, 'status' | 'fixState'> {
  return { status: 'affected', fixState: fixed === undefined ? 'none_yet' : 'available' };
}
