import { kindOf, type ShardTables } from '../../feed/read/shard-records.ts';
import type { ClaimKind, StoredClaim } from '../../model/feed/index.ts';
import type { InstalledPackage, Inventory } from '../../model/inventory/index.ts';
import { dpkgInstalled } from '../../packaging/deb/version.ts';
import type { MatchContext } from '../contract.ts';
import { foreignBuild } from '../shared/foreign-build.ts';
import type { JudgedClaim, SourceBuild, SourceRule } from '../shared/match-source.ts';
import { judgePlainRows } from '../shared/plain-rows.ts';
import { RowGroups } from '../shared/row-groups.ts';
import { decide, type Outcome } from '../shared/threshold.ts';
import { type UbuntuPro, ubuntuPro } from './image.ts';
import {
  type BuildKind,
  foreignCodename,
  isOrdinary,
  type ProServices,
  ubuntuBuild,
  ubuntuForeign,
  ubuntuTerm,
  ubuntuThreshold,
} from './rule-threshold.ts';

/** Ubuntu's rule for one image: rows are chosen by the channel of a build and by the services that the image is attached to. */
export function ubuntuRule({ shard, inventory, stream }: MatchContext): SourceRule {
  const services = proServices(ubuntuPro(inventory), inventory, stream);
  return {
    installed: dpkgInstalled,
    foreign: (pkg) => foreignBuild(pkg, ubuntuForeign) ?? otherCodename(pkg, shard),
    packager: 'dpkg',
    rowsFor: ({ version }) => ({ shard, version, marks: [] }),
    judge: (claims, tables, build, all) => judgeClaims(claims, tables, build, services, all),
    threshold: (named, claims, tables, { version }) => {
      const rows = named.map((claim) => ({ kind: kindOf(claim, tables), claim }));
      return ubuntuThreshold(rows, buildKind(claims, tables, version), services);
    },
  };
}

function otherCodename(
  { version, source }: InstalledPackage,
  shard: MatchContext['shard'],
): string | undefined {
  const fixes = () =>
    (shard.record(source.name)?.claims ?? []).flatMap(({ fixed, channelFix }) =>
      [fixed ?? [], channelFix ?? []].flat(),
    );
  const found = foreignCodename(source.version, fixes) ?? foreignCodename(version, fixes);
  return found && `version carries ${found}`;
}

/** Judges an installed build by the rows of its source. `all`: also what is fixed or not affected. */
function judgeClaims(
  claims: readonly StoredClaim[],
  tables: ShardTables,
  build: SourceBuild,
  services: ProServices,
  all: boolean,
): JudgedClaim[] {
  const kind = buildKind(claims, tables, build.version);
  if (kind !== 'base') return judgeChannels(claims, kind, tables, build, services, all);
  return judgePlainRows(claims, tables, build.installed, all, (row, claim) =>
    ubuntuTerm(row, claim, services),
  );
}

/** The kind of an installed build, for the rows of its source. */
function buildKind(claims: readonly StoredClaim[], tables: ShardTables, version: string): BuildKind {
  let special = true;
  let channels = false;
  for (const claim of claims) {
    const { channel } = kindOf(claim, tables);
    if (isOrdinary(channel)) special = false;
    if (channel !== undefined) channels = true;
  }
  if (!channels) return 'base';
  return special ? 'special' : ubuntuBuild(version);
}

interface StoredRow {
  kind: ClaimKind;
  claim: StoredClaim;
}

/** Builds of channels: vulnerabilities with the same rows have one threshold. */
function judgeChannels(
  claims: readonly StoredClaim[],
  build: BuildKind,
  tables: ShardTables,
  { installed }: SourceBuild,
  services: ProServices,
  all: boolean,
): JudgedClaim[] {
  const groups = new RowGroups<StoredRow>(tables);
  for (const claim of claims) groups.add({ kind: kindOf(claim, tables), claim });
  const judged: JudgedClaim[] = [];
  for (const { rows, ids } of groups.list()) {
    const threshold = ubuntuThreshold(rows, build, services);
    if (!threshold) continue;
    const { by, outcome } = decide(threshold, installed);
    if (all || !isSettled(outcome)) judged.push({ ...by.row, outcome, ids });
  }
  return judged;
}

function isSettled({ status }: Outcome): boolean {
  return status === 'fixed' || status === 'not_affected';
}

/** The services of Ubuntu Pro by `--stream` or the image itself. */
export function proServices(
  pro: UbuntuPro | undefined,
  { aptSuites = [] }: Pick<Inventory, 'aptSuites'>,
  stream: string | undefined,
): ProServices {
  if (stream === 'main') return new Set();
  const enabled = new Set([...(pro?.attached ? pro.services : []), ...aptSuites.flatMap(serviceOfSuite)]);
  return stream === 'pro' ? new Set([...enabled, 'esm-infra', 'esm-apps']) : enabled;
}

/** Pro's archives: suites `jammy-infra-security`, `jammy-apps-updates`; FIPS by its path on esm.ubuntu.com. */
function serviceOfSuite(suite: string): string[] {
  const esm = /-(infra|apps)-(?:security|updates)$/.exec(suite)?.[1];
  if (esm !== undefined) return [`esm-${esm}`];
  const fips = /esm\.ubuntu\.com\/(fips(?:-updates|-preview)?)(?:\/|$)/.exec(suite)?.[1];
  return fips === undefined ? [] : [fips];
}
