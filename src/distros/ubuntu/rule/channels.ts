import { kindOf, type ShardTables } from '../../../feed/read/shard-records.ts';
import type { ClaimKind, Inventory, StoredClaim } from '../../../model/index.ts';
import { judgePlainRows } from '../../shared/deb-rows.ts';
import type { DebBuild, JudgedClaim } from '../../shared/match-deb.ts';
import { RowGroups } from '../../shared/row-groups.ts';
import { decide, type Outcome } from '../../shared/threshold.ts';
import type { UbuntuPro } from '../image/pro.ts';
import { ubuntuBuild } from './build.ts';
import { type BuildKind, isOrdinary, type ProServices, ubuntuTerm, ubuntuThreshold } from './threshold.ts';

/** Judges an installed build by the rows of its source. `all`: also what is fixed or not affected. */
export function judgeClaims(
  claims: readonly StoredClaim[],
  tables: ShardTables,
  build: DebBuild,
  services: ProServices,
  all: boolean,
): JudgedClaim[] {
  let special = true;
  let channels = false;
  for (const claim of claims) {
    const { channel } = kindOf(claim, tables);
    if (isOrdinary(channel)) special = false;
    if (channel !== undefined) channels = true;
  }
  const kind = !channels ? 'base' : special ? 'special' : ubuntuBuild(build.version);
  if (kind !== 'base') return judgeChannels(claims, kind, tables, build, services, all);
  return judgePlainRows(claims, tables, build.parsed, all, (row, claim) => ubuntuTerm(row, claim, services));
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
  { parsed }: DebBuild,
  services: ProServices,
  all: boolean,
): JudgedClaim[] {
  const groups = new RowGroups<StoredRow>(tables);
  for (const claim of claims) groups.add({ kind: kindOf(claim, tables), claim });
  const judged: JudgedClaim[] = [];
  for (const { rows, ids } of groups.list()) {
    const threshold = ubuntuThreshold(rows, build, services);
    if (!threshold) continue;
    const { by, outcome } = decide(threshold, parsed);
    if (all || !isSettled(outcome)) judged.push({ ...by.row, outcome, ids });
  }
  return judged;
}

function isSettled({ status }: Outcome): boolean {
  return status === 'fixed' || status === 'not_affected';
}

/** What `--pro`, `--no-pro` or the image itself says of Ubuntu Pro. */
export function proServices(
  pro: UbuntuPro | undefined,
  { aptSuites = [] }: Pick<Inventory, 'aptSuites'>,
  asked: boolean | undefined,
): ProServices {
  if (asked === false) return new Set();
  const told = new Set([...(pro?.attached ? pro.services : []), ...aptSuites.flatMap(serviceOfSuite)]);
  return asked ? new Set([...told, 'esm-infra', 'esm-apps']) : told;
}

/** Pro's archives: suites `jammy-infra-security`, `jammy-apps-updates`; FIPS by its place on esm.ubuntu.com. */
function serviceOfSuite(suite: string): string[] {
  const esm = /-(infra|apps)-(?:security|updates)$/.exec(suite)?.[1];
  if (esm !== undefined) return [`esm-${esm}`];
  const fips = /esm\.ubuntu\.com\/(fips(?:-updates|-preview)?)(?:\/|$)/.exec(suite)?.[1];
  return fips === undefined ? [] : [fips];
}
