import {
  expandEvidence,
  type InstalledPackage,
  type UncoveredPackage,
  type Verdict,
} from '../model/index.ts';
import { parseRpmEvr } from '../versions/rpm.ts';
import type { PackageMatch } from './match-dpkg.ts';
import type { RpmContext } from './rpm-context.ts';
import { rpmOrigin } from './rpm-origin.ts';
import { rowsOf } from './rpm-rows.ts';
import { buildStream, judgeRows, type RpmOutcome } from './rpm-streams.ts';

/** Judges one installed rpm by RHEL's rows and those of the layered products that the image's CPEs name. */
export function matchRpm(pkg: InstalledPackage, context: RpmContext): PackageMatch {
  // Imported keys stand in the database as packages.
  if (pkg.name === 'gpg-pubkey') return { verdicts: [] };
  const origin = rpmOrigin(pkg, context.mapped);
  if (origin.kind === 'foreign') return uncovered(pkg, 'not_covered', `not Red Hat's: ${origin.who}`);
  if (parseRpmEvr(pkg.version)?.release === undefined) {
    return uncovered(pkg, 'unparsable_version', `${pkg.version} is no version of an rpm`);
  }
  const shards = [context.shard, ...context.layered];
  if (origin.kind === 'unknown' && !shards.some((shard) => isKnown(pkg, shard))) {
    return uncovered(pkg, 'not_covered', 'neither signed nor with a vendor, and unknown to Red Hat');
  }
  const marks = [...origin.marks, ...(context.mapped ? ['mapped'] : [])];
  return { verdicts: judge(pkg, context, marks) };
}

function isKnown(pkg: InstalledPackage, shard: RpmContext['shard']): boolean {
  return shard.package(pkg.name) !== undefined || shard.package(pkg.source.name) !== undefined;
}

/** A layered product's rows outweigh RHEL's: they speak of the image's more specific CPE. */
function judge(pkg: InstalledPackage, context: RpmContext, marks: readonly string[]): Verdict[] {
  const build = buildStream(pkg, context);
  const outcomes = new Map<string, RpmOutcome>();
  for (const shard of [context.shard, ...context.layered]) {
    for (const [id, rows] of rowsOf(pkg, shard, context)) {
      const outcome = judgeRows(rows, build, context);
      if (outcome) outcomes.set(id, outcome);
    }
  }
  const verdicts: Verdict[] = [];
  for (const [id, outcome] of outcomes) {
    const settled = outcome.status === 'fixed' || outcome.status === 'not_affected';
    if (context.all || !settled) verdicts.push(makeVerdict(id, pkg, outcome, marks));
  }
  return verdicts;
}

function makeVerdict(
  id: string,
  pkg: InstalledPackage,
  outcome: RpmOutcome,
  marks: readonly string[],
): Verdict {
  const { row, status, fixState, fixedVersion, elsewhere } = outcome;
  const { claim, shard, name } = row;
  const channel = elsewhere ?? claim.channel;
  const reason = fixState === 'other_channel' ? undefined : claim.reason;
  return {
    vulnerability: id,
    platform: shard.platform.id,
    package: pkg,
    status,
    ...(fixState === undefined ? {} : { fixState }),
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
    ...(reason === undefined ? {} : { reason }),
    severity: claim.severity ?? 'unknown',
    advisories: claim.advisories ?? [],
    marks: [...(claim.marks ?? []), ...tagMark(pkg, outcome), ...marks],
    ...(channel === undefined ? {} : { channel }),
    evidence: expandEvidence(shard.platform.evidence[claim.evidence ?? 0]!, {
      package: name,
      vulnerability: id,
    }),
  };
}

/** `3.8.3-4.el9` is older than `3.8.3-4.el9_4` for rpm, and likely the same build: the vendor's verdict stands, marked. */
function tagMark(pkg: InstalledPackage, { row, fixState, fixedVersion }: RpmOutcome): string[] {
  if (fixState !== 'available' || fixedVersion === undefined) return [];
  const installed = row.binary ? pkg.version : pkg.source.version;
  const same = versionOf(installed) === versionOf(fixedVersion).replace(/(\.el\d+)_\d+$/, '$1');
  return same ? ['differs_only_in_dist_tag'] : [];
}

function versionOf(evr: string): string {
  return evr.slice(evr.indexOf(':') + 1);
}

function uncovered(pkg: InstalledPackage, reason: UncoveredPackage['reason'], detail: string): PackageMatch {
  return { uncovered: { package: pkg, reason, detail } };
}
