import type { Shard } from '../../../feed/read/feed.ts';
import type { InstalledPackage } from '../../../model/inventory/index.ts';
import type { Verdict } from '../../../model/verdict/index.ts';
import { parseRpmEvr } from '../../../packaging/rpm/version.ts';
import {
  type BuildMatch,
  type MatchedClaim,
  matchOf,
  type NoStatement,
  type PackageMatch,
  unreadIn,
} from '../package-match.ts';
import { isOfOthers } from './architectures.ts';
import type { RpmContext } from './context.ts';
import { flavourOf } from './flavour.ts';
import { type GatheredPackage, gather, hasRowsOfItsOwn, recordsOf, type ShardRecords } from './gather.ts';
import type { RpmOrigin, RpmVendor } from './origin.ts';
import { type RpmRow, rowGroups } from './rows.ts';
import { type Below, type StreamThreshold, streamName, streamThreshold } from './threshold.ts';

/**
 * Judges installed rpms by the vendor's rows and those of the layered products that the image's CPEs name; fastest in the order of
 * sources.
 */
export function rpmMatcher(context: RpmContext): (pkg: InstalledPackage) => PackageMatch {
  let last: { pkg: InstalledPackage; matched: BuildMatch } | undefined;
  return (pkg) => {
    // Imported keys are packages in the database.
    if (pkg.name === 'gpg-pubkey') return { verdicts: [] };
    const records = recordsOf(pkg, context);
    // A result from the source's rows only applies to the build's other binaries too.
    const byBuild = !hasRowsOfItsOwn(pkg, records);
    const unread = unreadIn(new Set(records.flatMap(({ own, source }) => [own, source])));
    if (byBuild && last && isOfSameBuild(pkg, last.pkg)) return matchOf(pkg, last.matched, unread);
    const gathered = gather(pkg, records, context);
    const matched = noStatement(gathered, context) ?? matchedClaims(gathered, context);
    last = byBuild ? { pkg, matched } : undefined;
    return matchOf(pkg, matched, unread);
  };
}

/** Compares all fields that decide about a package, except its name. */
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

/** Why no row can apply to the package; undefined: rows may. */
export function noStatement(
  { pkg, origin, shards }: GatheredPackage,
  { vendor }: Pick<RpmContext, 'vendor'>,
): NoStatement | undefined {
  if (origin.kind === 'foreign') return unjudged('not_covered', `not ${vendor.name}'s: ${origin.who}`);
  const wrong = [pkg.version, pkg.source.version].find(
    (version) => parseRpmEvr(version)?.release === undefined,
  );
  if (wrong !== undefined) return unjudged('unparsable_version', `${wrong} is no version of an rpm`);
  const stranger = shards.some(({ own, source }) => own ?? source)
    ? undefined
    : strangerBy(origin, pkg, shards[0]!.shard, vendor);
  if (stranger !== undefined) return unjudged('not_covered', stranger);
  const flavour = flavourOf(pkg.version, vendor.flavours);
  const hasFlavour = ({ own, source }: ShardRecords) =>
    [own, source].some((record) =>
      record?.claims.some(({ fixed = '' }) => flavourOf(fixed, vendor.flavours) === flavour),
    );
  if (flavour !== undefined && !shards.some(hasFlavour))
    return unjudged('not_covered', `no statement is about ${flavour} builds of ${pkg.name}`);
  if (shards.some(({ modules }) => modules === undefined))
    return unjudged(
      'undecidable',
      'a module build without label: neither its number nor dnf tells the stream',
    );
  const line = shards.find((shard) => shard.line && 'unlike' in shard.line)?.line;
  if (line && 'unlike' in line)
    return unjudged(
      'undecidable',
      `${pkg.version} is of no line that ${vendor.name} has fixes for: ${line.unlike.join(', ')}`,
    );
  return undefined;
}

function unjudged(reason: NoStatement['reason'], detail: string): NoStatement {
  return { reason, detail };
}

/** A layered product's rows are preferred to RHEL's, because they are for the image's more specific CPE. */
function matchedClaims(
  { pkg, origin, stream, shards }: GatheredPackage,
  context: RpmContext,
): MatchedClaim[] {
  const marks = origin.kind === 'foreign' ? [] : origin.marks;
  const settled = new Set<string>();
  const matched: MatchedClaim[] = [];
  for (const shard of shards.toReversed()) {
    for (const group of rowGroups(pkg, shard, context)) {
      const outcome = decide(streamThreshold(group.rows, stream, context));
      if (!outcome) continue;
      const ids = group.ids.filter((id) => !settled.has(id));
      for (const id of ids) settled.add(id);
      const silent = outcome.status === 'fixed' || outcome.status === 'not_affected';
      if ((silent && !context.all) || ids.length === 0) continue;
      matched.push({
        model: modelVerdict(pkg, outcome, lackingOf(outcome, group.rows, context), marks, context.major),
        ids,
        evidence: evidenceOf(ids, outcome.row),
      });
    }
  }
  return matched;
}

/** The outcome of a threshold for the installed version. */
type Outcome = Below<RpmRow>;

export function decide(threshold: StreamThreshold<RpmRow> | undefined): Outcome | undefined {
  const reached = threshold?.fixes.find((row) => row.order() !== -1);
  return reached ? { row: reached, status: 'fixed', fix: reached } : threshold?.below;
}

/** The errata that announced the fix; in one stream of updates all that the build lacks, since each of them is to come. */
function lackingOf(
  { row, status }: Outcome,
  rows: readonly RpmRow[],
  { oneStream = false }: RpmContext,
): readonly string[] {
  const own = row.claim.advisories ?? [];
  if (!oneStream || status !== 'affected' || rows.length === 1) return own;
  const lacking = rows.filter(({ kind }) => kind.status === 'fixed').filter((each) => each.order() === -1);
  return [...new Set(lacking.flatMap(({ claim }) => claim.advisories ?? []))].sort();
}

function evidenceOf(ids: readonly string[], { claim, place }: RpmRow): string[] {
  const evidence = place.shard.evidence(claim);
  return ids.map((id) => evidence(place.name, id));
}

/** An outcome's verdict, without its vulnerability. */
function modelVerdict(
  pkg: InstalledPackage,
  outcome: Outcome,
  advisories: readonly string[],
  marks: readonly string[],
  major: number,
): Verdict {
  const { row, status, fixState, fix } = outcome;
  const { claim, kind, place } = row;
  const elsewhere = fixState === 'other_channel';
  const fixedVersion = fix ? fix.claim.fixed : elsewhere ? claim.channelFix : undefined;
  const channel = elsewhere && fix ? streamName(fix, major) : kind.channel;
  const reason = elsewhere ? undefined : kind.reason;
  return {
    vulnerability: '',
    platform: place.shard.platform.id,
    package: pkg,
    status,
    ...(fixState === undefined ? {} : { fixState }),
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
    ...(reason === undefined ? {} : { reason }),
    severity: kind.severity ?? 'unknown',
    advisories,
    marks: [...(kind.marks ?? []), ...archMark(pkg, outcome), ...tagMark(pkg, outcome), ...marks],
    ...(channel === undefined ? {} : { channel }),
    evidence: '',
  };
}

/** No statement names the build's architecture: those of others decide. */
function archMark({ arch }: InstalledPackage, { row }: Outcome): string[] {
  return isOfOthers(row.kind, arch) ? ['other_architecture'] : [];
}

/** `3.8.3-4.el9` is older than `3.8.3-4.el9_4` for rpm, but probably the same build: the verdict is kept and marked. */
function tagMark(pkg: InstalledPackage, { row, fixState, fix }: Outcome): string[] {
  if (fixState !== 'available' || !fix) return [];
  const installed = row.place.kind === 'binary' ? pkg.version : pkg.source.version;
  const same = versionOf(installed) === versionOf(fix.claim.fixed!).replace(/(\.el\d+)_\d+$/, '$1');
  return same ? ['differs_only_in_dist_tag'] : [];
}

function versionOf(evr: string): string {
  return evr.slice(evr.indexOf(':') + 1);
}

/**
 * Why a package that no statement names is not known to be the vendor's; undefined: it is. A key of the vendor is enough. With no
 * more than the vendor's name its source must be one that the release ships; without either, the build must be one of the
 * release's, as its roster lists them: a name alone makes no stranger the vendor's.
 */
function strangerBy(
  origin: Exclude<RpmOrigin, { kind: 'foreign' }>,
  { source }: Pick<InstalledPackage, 'source'>,
  { ships, platform }: Pick<Shard, 'ships' | 'platform'>,
  { name: vendor }: RpmVendor,
): string | undefined {
  const { name, version } = source;
  if (origin.kind === 'own') {
    const isSigned = origin.marks.length === 0;
    if (isSigned || ships(name) !== false) return undefined;
    return `signed by no key of ${vendor}, and ${platform.id} has no source ${name}`;
  }
  if (ships(name, version)) return undefined;
  const unknown = 'neither signed nor with a vendor, and';
  const isShipped = ships(name);
  if (isShipped === undefined) return `${unknown} unknown to ${vendor}`;
  return `${unknown} ${platform.id} has no ${isShipped ? `build ${name}-${version}` : `source ${name}`}`;
}
