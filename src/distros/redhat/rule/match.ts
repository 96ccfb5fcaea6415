import type { Shard } from '../../../feed/read/feed.ts';
import type { InstalledPackage, Verdict } from '../../../model/index.ts';
import { parseRpmEvr } from '../../../packaging/rpm/version.ts';
import { matchOf, type PackageMatch, type Said, type SaidClaim, type Silence } from '../../shared/said.ts';
import type { RpmContext } from './context.ts';
import { rpmOrigin } from './origin.ts';
import { hasRowsOfItsOwn, isOfUnknownModule, rowGroups } from './rows.ts';
import { buildStream, judgeRows, type RpmOutcome } from './streams.ts';

/**
 * Judges installed rpms by RHEL's rows and those of the layered products that the image's CPEs name; quickest in the order
 * of sources.
 */
export function rpmMatcher(context: RpmContext): (pkg: InstalledPackage) => PackageMatch {
  const shards = [context.shard, ...context.layered];
  let last: { pkg: InstalledPackage; said: Said } | undefined;
  return (pkg) => {
    // Imported keys stand in the database as packages.
    if (pkg.name === 'gpg-pubkey') return { verdicts: [] };
    // What is said of a build by its source's rows alone is said of its other binaries, too.
    const byBuild = !shards.some((shard) => hasRowsOfItsOwn(pkg, shard, context));
    if (byBuild && last && isOfSameBuild(pkg, last.pkg)) return matchOf(pkg, last.said);
    const said = judgePackage(pkg, shards, context);
    last = byBuild ? { pkg, said } : undefined;
    return matchOf(pkg, said);
  };
}

/** All of a package that decides what is said of it, but for its name. */
function isOfSameBuild(a: InstalledPackage, b: InstalledPackage): boolean {
  return (
    a.source.name === b.source.name &&
    a.source.version === b.source.version &&
    a.version === b.version &&
    a.arch === b.arch &&
    a.modularityLabel === b.modularityLabel &&
    a.keyId === b.keyId &&
    a.vendor === b.vendor
  );
}

function judgePackage(pkg: InstalledPackage, shards: readonly Shard[], context: RpmContext): Said {
  const origin = rpmOrigin(pkg, context.mapped);
  if (origin.kind === 'foreign') return silence('not_covered', `not Red Hat's: ${origin.who}`);
  for (const version of new Set([pkg.version, pkg.source.version])) {
    if (parseRpmEvr(version)?.release !== undefined) continue;
    return silence('unparsable_version', `${version} is no version of an rpm`);
  }
  if (origin.kind === 'unknown' && !shards.some((shard) => isKnown(pkg, shard, context))) {
    return silence('not_covered', 'neither signed nor with a vendor, and unknown to Red Hat');
  }
  if (shards.some((shard) => isOfUnknownModule(pkg, shard, context))) {
    return silence(
      'undecidable',
      'a module build without label: neither its number nor dnf tells the stream',
    );
  }
  const marks = context.mapped ? [...origin.marks, 'mapped'] : origin.marks;
  return judgeBy(shards, pkg, marks, context);
}

function silence(reason: Silence['reason'], detail: string): Silence {
  return { reason, detail };
}

function isKnown(pkg: InstalledPackage, shard: Shard, { records }: RpmContext): boolean {
  return (records.of(shard, pkg.source.name) ?? records.of(shard, pkg.name)) !== undefined;
}

/** A layered product's rows outweigh RHEL's: they speak of the image's more specific CPE. */
function judgeBy(
  shards: readonly Shard[],
  pkg: InstalledPackage,
  marks: readonly string[],
  context: RpmContext,
): SaidClaim[] {
  const build = buildStream(pkg, context);
  const settled = new Set<string>();
  const said: SaidClaim[] = [];
  for (const shard of shards.toReversed()) {
    for (const group of rowGroups(pkg, shard, context)) {
      const outcome = judgeRows(group.rows, build, context);
      if (!outcome) continue;
      const ids = group.ids.filter((id) => !settled.has(id));
      for (const id of ids) settled.add(id);
      const silent = outcome.status === 'fixed' || outcome.status === 'not_affected';
      if ((silent && !context.all) || ids.length === 0) continue;
      said.push({ model: modelVerdict(pkg, outcome, marks), ids, evidence: evidenceOf(ids, outcome) });
    }
  }
  return said;
}

function evidenceOf(ids: readonly string[], { row: { claim, place } }: RpmOutcome): string[] {
  const evidence = place.shard.evidence(claim.evidence);
  return ids.map((id) => evidence(place.name, id));
}

/** A verdict of an outcome, still without its vulnerability. */
function modelVerdict(pkg: InstalledPackage, outcome: RpmOutcome, marks: readonly string[]): Verdict {
  const { row, status, fixState, fixedVersion, elsewhere } = outcome;
  const { claim, kind, place } = row;
  const channel = elsewhere ?? kind.channel;
  const reason = fixState === 'other_channel' ? undefined : kind.reason;
  return {
    vulnerability: '',
    platform: place.shard.platform.id,
    package: pkg,
    status,
    ...(fixState === undefined ? {} : { fixState }),
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
    ...(reason === undefined ? {} : { reason }),
    severity: kind.severity ?? 'unknown',
    advisories: claim.advisories ?? [],
    marks: [...(kind.marks ?? []), ...tagMark(pkg, outcome), ...marks],
    ...(channel === undefined ? {} : { channel }),
    evidence: '',
  };
}

/** `3.8.3-4.el9` is older than `3.8.3-4.el9_4` for rpm, and likely the same build: the vendor's verdict stands, marked. */
function tagMark(pkg: InstalledPackage, { row, fixState, fixedVersion }: RpmOutcome): string[] {
  if (fixState !== 'available' || fixedVersion === undefined) return [];
  const installed = row.isBinary ? pkg.version : pkg.source.version;
  const same = versionOf(installed) === versionOf(fixedVersion).replace(/(\.el\d+)_\d+$/, '$1');
  return same ? ['differs_only_in_dist_tag'] : [];
}

function versionOf(evr: string): string {
  return evr.slice(evr.indexOf(':') + 1);
}
