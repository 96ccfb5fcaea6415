import { evidenceFor, type InstalledPackage, type UncoveredPackage, type Verdict } from '../model/index.ts';
import { parseRpmEvr } from '../versions/rpm.ts';
import type { PackageMatch } from './match-dpkg.ts';
import type { RpmContext } from './rpm-context.ts';
import { rpmOrigin } from './rpm-origin.ts';
import { isOfUnknownModule, type RowGroup, rowGroups } from './rpm-rows.ts';
import { type BuildStream, buildStream, judgeRows, type RpmOutcome } from './rpm-streams.ts';

/** Judges one installed rpm by RHEL's rows and those of the layered products that the image's CPEs name. */
export function matchRpm(pkg: InstalledPackage, context: RpmContext): PackageMatch {
  // Imported keys stand in the database as packages.
  if (pkg.name === 'gpg-pubkey') return { verdicts: [] };
  const origin = rpmOrigin(pkg, context.mapped);
  if (origin.kind === 'foreign') return uncovered(pkg, 'not_covered', `not Red Hat's: ${origin.who}`);
  for (const version of [pkg.version, pkg.source.version]) {
    if (parseRpmEvr(version)?.release !== undefined) continue;
    return uncovered(pkg, 'unparsable_version', `${version} is no version of an rpm`);
  }
  const shards = [context.shard, ...context.layered];
  if (origin.kind === 'unknown' && !shards.some((shard) => isKnown(pkg, shard, context))) {
    return uncovered(pkg, 'not_covered', 'neither signed nor with a vendor, and unknown to Red Hat');
  }
  if (shards.some((shard) => isOfUnknownModule(pkg, shard, context))) {
    return uncovered(
      pkg,
      'undecidable',
      'a module build without label: neither its number nor dnf tells the stream',
    );
  }
  const marks = [...origin.marks, ...(context.mapped ? ['mapped'] : [])];
  return { verdicts: judge(pkg, context, marks) };
}

function isKnown(pkg: InstalledPackage, shard: RpmContext['shard'], { lines }: RpmContext): boolean {
  return (lines.of(shard, pkg.source.name) ?? lines.of(shard, pkg.name)) !== undefined;
}

/** A layered product's rows outweigh RHEL's: they speak of the image's more specific CPE. */
function judge(pkg: InstalledPackage, context: RpmContext, marks: readonly string[]): Verdict[] {
  const build = buildStream(pkg, context);
  const said = new Map<string, Said>();
  for (const shard of [context.shard, ...context.layered]) {
    for (const group of rowGroups(pkg, shard, context)) {
      const outcome = outcomeOf(group, build, context);
      if (!outcome) continue;
      const settled = outcome.status === 'fixed' || outcome.status === 'not_affected';
      const verdictOf = settled && !context.all ? undefined : verdictMaker(pkg, outcome, marks);
      for (const id of group.ids) said.set(id, verdictOf);
    }
  }
  const verdicts: Verdict[] = [];
  for (const [id, verdictOf] of said) if (verdictOf) verdicts.push(verdictOf(id));
  return verdicts;
}

/** Binaries of one build share its groups, and so what was found of them. */
function outcomeOf(group: RowGroup, build: BuildStream, context: RpmContext): RpmOutcome | undefined {
  const { judged } = group;
  if (judged && judged.build.minor === build.minor && judged.build.own === build.own) return judged.outcome;
  const outcome = judgeRows(group.rows, build, context);
  group.judged = { build, outcome };
  return outcome;
}

/** Makes the verdict for one of the vulnerabilities that an outcome holds for; undefined: not worth telling. */
type Said = ((vulnerability: string) => Verdict) | undefined;

function verdictMaker(pkg: InstalledPackage, outcome: RpmOutcome, marks: readonly string[]): Said {
  const { row, status, fixState, fixedVersion, elsewhere } = outcome;
  const { claim, shard, name } = row;
  const channel = elsewhere ?? claim.channel;
  const reason = fixState === 'other_channel' ? undefined : claim.reason;
  const evidence = evidenceFor(shard.platform.evidence[claim.evidence ?? 0]!, name);
  // Copied for each vulnerability: it has every field, so that a copy has its shape at once.
  const model: Verdict = {
    vulnerability: '',
    platform: shard.platform.id,
    package: pkg,
    status,
    ...(fixState === undefined ? {} : { fixState }),
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
    ...(reason === undefined ? {} : { reason }),
    severity: claim.severity ?? ('unknown' as const),
    advisories: claim.advisories ?? [],
    marks: [...(claim.marks ?? []), ...tagMark(pkg, outcome), ...marks],
    ...(channel === undefined ? {} : { channel }),
    evidence: '',
  };
  return (vulnerability) => {
    const verdict = { ...model };
    verdict.vulnerability = vulnerability;
    verdict.evidence = evidence(vulnerability);
    return verdict;
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
