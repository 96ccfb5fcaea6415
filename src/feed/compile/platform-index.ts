import {
  type Claim,
  type Ledger,
  type Platform,
  type PlatformData,
  type PlatformIndex,
  type ShardClaim,
  type ShardLine,
  type Status,
  unreadRecords,
} from '../../model/feed/index.ts';
import { compareCodeUnits, compareIds, pushTo } from '../../model/order.ts';
import { parseAlpmVersion } from '../../packaging/alpm/version.ts';
import { parseApkVersion } from '../../packaging/apk/version.ts';
import { parseDpkgVersion } from '../../packaging/deb/version.ts';
import { parseEbuildVersion } from '../../packaging/ebuild/version.ts';
import { parseRpmEvr } from '../../packaging/rpm/version.ts';
import type { CollectedPlatform, PackageClaims } from './collector.ts';
import type { Details } from './details.ts';

/** Sorts and interns one platform's claims; shard and OVAL are both written from the result. */
export function indexPlatform(
  collected: CollectedPlatform,
  source: string,
  updated: string,
  details: Details,
  ledger: Ledger,
): PlatformIndex {
  const read = claimReader();
  const evidence = evidenceTable(collected.packages, read);
  const evidenceAt = new Map(evidence.map((text, at) => [text, at]));
  const { binaries } = collected.data;
  const severalSources = binaries ? builtFromSeveral(binaries) : new Map<string, string[]>();
  const { id } = collected.platform;
  const unread = ledger.unreadOf(id).keys();
  const names = new Set([...collected.packages.keys(), ...severalSources.keys(), ...unread]);
  const claimed = [...names].sort(compareCodeUnits).map((name) => {
    const claims = collected.packages.get(name) ?? new Map();
    return { name, claims: shardClaims(name, claims, evidenceAt, read, collected, ledger) };
  });
  // Versions are read at last, so that all of this is known only now.
  const lost = ledger.unreadOf(id);
  const lines = claimed.map(({ name, claims }): ShardLine => {
    const sources = severalSources.get(name);
    const { count, records } = lost.get(name) ?? {};
    return {
      package: name,
      claims,
      ...(sources ? { sources } : {}),
      ...(count === undefined ? {} : { unread: count, unreadRecords: records! }),
    };
  });
  const marks = [...(collected.data.marks ?? []), ...(ledger.hasUnreadRecords(id) ? [unreadRecords] : [])];
  return {
    platform: collected.platform,
    source,
    updated,
    lines,
    evidence,
    ...(collected.data.roster ? { roster: collected.data.roster } : {}),
    ...(binaries ? { binaries } : {}),
    ...(collected.data.ownDespiteSuffix ? { ownDespiteSuffix: collected.data.ownDespiteSuffix } : {}),
    marks,
    vulnerability: (id) => details.vulnerabilities.get(id),
    advisory: (id) => details.advisories.get(id),
    rating: (id) => details.ratings.get(id),
  };
}

/** The claim of a text. */
type ClaimReader = (key: string) => Claim;

/** Each text is parsed once: the packages of a build have the same claims, and so share their strings. */
function claimReader(): ClaimReader {
  const claims = new Map<string, Claim>();
  return (key) => {
    const known = claims.get(key);
    if (known) return known;
    const claim = JSON.parse(key) as Claim;
    claims.set(key, claim);
    return claim;
  };
}

/** Binaries that were built from more than one source, with the sources' names. */
function builtFromSeveral(binaries: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const sources = new Map<string, string[]>();
  for (const source of [...binaries.keys()].sort(compareCodeUnits)) {
    for (const name of binaries.get(source)!) pushTo(sources, name, source);
  }
  return new Map([...sources].filter(([, names]) => names.length > 1));
}

/** Evidence templates, the most common first, so that most claims do not have to name theirs. */
function evidenceTable(packages: ReadonlyMap<string, PackageClaims>, read: ClaimReader): string[] {
  const uses = new Map<string, number>();
  for (const claims of packages.values()) {
    for (const key of claims.keys()) {
      const { evidence } = read(key);
      uses.set(evidence, (uses.get(evidence) ?? 0) + 1);
    }
  }
  return [...uses.keys()].sort((a, b) => uses.get(b)! - uses.get(a)! || compareCodeUnits(a, b));
}

function shardClaims(
  name: string,
  claims: PackageClaims,
  evidenceAt: ReadonlyMap<string, number>,
  read: ClaimReader,
  { platform, data }: Pick<CollectedPlatform, 'platform' | 'data'>,
  ledger: Ledger,
): ShardClaim[] {
  const sorted = [...claims].sort(([a], [b]) => compareCodeUnits(a, b));
  const settled = settleConflicts(name, sorted, platform.id, data, read, ledger);
  return settled
    .map(([key, ids]) => shardClaim(read(key), ids, evidenceAt))
    .filter((claim) => hasSoundVersion(claim, platform, name, ledger));
}

/** Refuses versions that the packager cannot read, because the runtime compares without checking the grammar again. */
function hasSoundVersion(
  claim: ShardClaim,
  { id, packaging }: Platform,
  name: string,
  ledger: Ledger,
): boolean {
  const versions = [claim.fixed, claim.channelFix].filter((version) => version !== undefined);
  if (versions.every((version) => isThreshold(packaging, name, version))) return true;
  ledger.doubt('unparsable_fixed_version', `${id}/${name}`, versions.join(' '), claim.ids.length);
  const record = { reason: 'unparsable_fixed_version', where: `${id}/${name}`, detail: versions.join(' ') };
  ledger.unread({ platforms: [id], package: name }, record, claim.ids.length);
  return false;
}

function shardClaim(claim: Claim, ids: string[], evidenceAt: ReadonlyMap<string, number>): ShardClaim {
  const { evidence, severity, subject, ...rest } = claim;
  const at = evidenceAt.get(evidence)!;
  return {
    ...rest,
    ...(severity === 'unknown' ? {} : { severity }),
    ...(subject === undefined || subject === 'source' ? {} : { subject }),
    ...(at === 0 ? {} : { evidence: at }),
    ids,
  };
}

// If two claims about one vulnerability differ, the safer one for the user is kept.
const cautious: readonly Status[] = ['affected', 'fixed', 'under_investigation', 'not_affected'];

/** Sorts the ids, removes duplicates, and keeps each vulnerability once per scope of a claim. */
function settleConflicts(
  name: string,
  sorted: readonly [string, string[]][],
  platform: string,
  { severalErrata, flavours = [] }: PlatformData,
  read: ClaimReader,
  ledger: Ledger,
): [string, string[]][] {
  const seen = new Map<string, Set<string>>();
  const forms = flavours.map((pattern) => new RegExp(pattern));
  const byCaution = sorted.map(([key, ids]) => ({ key, ids, claim: read(key) }));
  byCaution.sort((a, b) => cautious.indexOf(a.claim.status) - cautious.indexOf(b.claim.status));
  const kept = new Map<string, string[]>();
  for (const { key, ids, claim } of byCaution) {
    const scope = severalErrata ? `${claimScope(claim)}|${erratumOf(claim)}` : claimScope(claim);
    const about = `${scope}|${forms.findIndex((form) => form.test(claim.fixed ?? ''))}`;
    const known = seen.get(about) ?? new Set<string>();
    seen.set(about, known);
    const unique = [...new Set(ids)].sort(compareIds);
    const fresh = unique.filter((id) => !known.has(id));
    for (const id of unique) {
      if (known.has(id)) ledger.doubt('conflicting_statements', `${platform}/${name}/${id}`, key);
      known.add(id);
    }
    if (fresh.length > 0) kept.set(key, fresh);
  }
  return sorted.flatMap(([key]) => (kept.has(key) ? [[key, kept.get(key)!] as [string, string[]]] : []));
}

/** The advisories of a fix; what has none is about all of them. */
function erratumOf({ status, advisories = [] }: Claim): string {
  return status === 'fixed' ? advisories.join() : '';
}

/** The scope of a claim: claims with equal scopes contradict each other. Fixes of several minors or channels do not. */
function claimScope({ subject, module, arch, channel, minor, range, advisories = [] }: Claim): string {
  // Ranges of several records about one flaw are compared when a version is judged.
  const record = range === undefined ? '' : `${range} ${advisories.join()}`;
  return `${subject ?? 'source'}|${module ?? ''}|${arch?.join() ?? ''}|${channel ?? ''}|${minor ?? ''}|${record}`;
}

/**
 * Whether installed packages can be compared with a fixed version. The runtime relies on this check and does not validate again:
 * of an EVR without a release it would cut off the last digit. Tags of containers (`oci:NAME`) may be digests; callers that
 * compare them must check each time.
 */
function isThreshold(packaging: Platform['packaging'], name: string, version: string): boolean {
  if (name.startsWith('oci:')) return version !== '';
  if (packaging === 'alpm') return parseAlpmVersion(version) !== undefined;
  if (packaging === 'apk') return parseApkVersion(version) !== undefined;
  if (packaging === 'deb') return parseDpkgVersion(version) !== undefined;
  if (packaging === 'ebuild') return parseEbuildVersion(version) !== undefined;
  // The affected versions of an ecosystem's packages are ranges.
  if (packaging !== 'rpm') return false;
  return parseRpmEvr(version)?.release !== undefined;
}
