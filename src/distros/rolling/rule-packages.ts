import type { Shard } from '../../feed/read/feed.ts';
import type { ClaimKind, Unread } from '../../model/feed/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import type { Verdict } from '../../model/verdict/index.ts';
import { apkInstalled } from '../../packaging/apk/version.ts';
import { apkRule } from '../shared/apk-rule.ts';
import { type SourceMatcher, sourceMatcher } from '../shared/match-source.ts';
import type { PackageMatch } from '../shared/package-match.ts';

/** The rows for builds of one architecture, by a package's own name and by that of its origin. */
interface Names {
  own: SourceMatcher;
  origin: SourceMatcher;
}

/**
 * Judges packages by statements that name the package with the flaw, which may be any of a build. A package's own statement on a flaw
 * outweighs that of its origin; where it has none, its origin's is of the whole build.
 */
export function packageMatcher(shard: Shard, all: boolean): SourceMatcher {
  const known = new Map<string, Names>();
  const namesFor = ({ arch }: InstalledPackage): Names => {
    const names = known.get(arch) ?? namesOf(shard, arch, all);
    known.set(arch, names);
    return names;
  };
  return {
    match(pkg) {
      const { own, origin } = namesFor(pkg);
      return joined(own.match(pkg), origin.match(pkg), pkg, all);
    },
    rule(pkg, vulnerability) {
      const { own, origin } = namesFor(pkg);
      return own.rule(pkg, vulnerability) ?? origin.rule(pkg, vulnerability);
    },
  };
}

function namesOf(shard: Shard, arch: string, all: boolean): Names {
  const isBuilt = (kind: ClaimKind) => isFor(kind, arch);
  const ofName = apkRule(shard, { applies: (kind) => kind.subject === 'binary' && isBuilt(kind) });
  return {
    // All statuses, so that the package's own statements are known for every flaw.
    own: sourceMatcher({ ...ofName, subjectOf: ({ name, version }) => ({ name, version }) }, true),
    origin: sourceMatcher(apkRule(shard, { applies: isBuilt }), all),
  };
}

/** A package for any architecture, or of an unknown one, may be of each. */
function isFor({ arch }: ClaimKind, build: string): boolean {
  return arch === undefined || build === 'noarch' || build === '' || arch.includes(build);
}

function joined(own: PackageMatch, origin: PackageMatch, pkg: InstalledPackage, all: boolean): PackageMatch {
  if ('uncovered' in origin) return origin;
  if ('uncovered' in own) return own;
  const stated = new Set(own.verdicts.map(({ vulnerability }) => vulnerability));
  const others = origin.verdicts.filter(({ vulnerability }) => !stated.has(vulnerability));
  const verdicts = [...worst(own.verdicts).filter(({ status }) => all || isOpen(status)), ...worst(others)];
  const unread = pkg.name === pkg.source.name ? origin.unread : both(own.unread, origin.unread);
  return { verdicts, ...(unread && { unread }) };
}

function isOpen(status: Verdict['status']): boolean {
  return status === 'affected' || status === 'under_investigation';
}

/** Of several verdicts about a flaw, as of builds for several architectures, the one that asks for most. */
function worst(verdicts: readonly Verdict[]): Verdict[] {
  const byFlaw = new Map<string, Verdict>();
  for (const verdict of verdicts) {
    const known = byFlaw.get(verdict.vulnerability);
    if (known === undefined || isWorse(verdict, known)) byFlaw.set(verdict.vulnerability, verdict);
  }
  return [...byFlaw.values()];
}

function isWorse(a: Verdict, b: Verdict): boolean {
  const [rank, other] = [rankOf(a), rankOf(b)];
  if (rank !== other || a.fixedVersion === undefined || b.fixedVersion === undefined) return rank > other;
  return apkInstalled(a.fixedVersion)?.(b.fixedVersion) === 1;
}

function rankOf({ status, fixedVersion }: Verdict): number {
  if (status === 'affected') return fixedVersion === undefined ? 4 : 3;
  return status === 'under_investigation' ? 2 : status === 'fixed' ? 1 : 0;
}

function both(a: Unread | undefined, b: Unread | undefined): Unread | undefined {
  return a && b ? { count: a.count + b.count, records: [...a.records, ...b.records] } : (a ?? b);
}
