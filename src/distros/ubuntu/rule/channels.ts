import { claimIds, kindOf, type ShardTables } from '../../../feed/read/shard-records.ts';
import type { ClaimKind, Inventory, StoredClaim } from '../../../model/index.ts';
import type { DpkgVersion } from '../../../packaging/deb/version.ts';
import { judgePlainRows, outcomeOfFix } from '../../shared/deb-rows.ts';
import type { DebBuild, JudgedClaim, Outcome } from '../../shared/match-deb.ts';
import type { UbuntuPro } from '../image/pro.ts';
import { channelOrder, ubuntuBuild } from './build.ts';

/** Services of Ubuntu Pro that an image installs from: `esm-infra`, `esm-apps`, `fips-updates`. */
export type ProServices = ReadonlySet<string>;

/**
 * Picks the rows that speak of the installed build : an ESM or FIPS build is judged by the row of its
 * channel if the vulnerability has one, else by the base row; every other build by the base row. Rows of channels that
 * the build is not from say nothing of it. `all`: also what is fixed or not affected.
 */
export function judgeClaims(
  claims: readonly StoredClaim[],
  tables: ShardTables,
  build: DebBuild,
  services: ProServices,
  all: boolean,
): JudgedClaim[] {
  // Kernels for FIPS, realtime and BlueField are sources of their own: their builds carry no mark, nor need they.
  let special = true;
  let channels = false;
  for (const claim of claims) {
    const of = family(kindOf(claim, tables).channel);
    if (of === 'base' || of === 'esm') special = false;
    if (of !== 'base') channels = true;
  }
  if (channels) {
    const made = special ? 'special' : ubuntuBuild(build.version);
    if (made !== 'base') return judgeChannels(claims, made, tables, build, services, all);
  }
  return judgePlainRows(claims, tables, build.parsed, all, (kind, claim, version) =>
    reach(judge(kind, claim, version), services),
  );
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

type Family = 'base' | 'esm' | 'fips' | 'other';

function family(channel: string | undefined): Family {
  if (channel === undefined) return 'base';
  if (channel.startsWith('esm-')) return 'esm';
  return channel.startsWith('fips') ? 'fips' : 'other';
}

interface Ranked extends JudgedClaim {
  rank: number;
  ids: string[];
}

/** Builds of channels: of each vulnerability the best of the channel's own rows, else of the base rows. */
function judgeChannels(
  claims: readonly StoredClaim[],
  made: Family | 'special',
  tables: ShardTables,
  { parsed }: DebBuild,
  services: ProServices,
  all: boolean,
): JudgedClaim[] {
  const own = new Map<string, Ranked>();
  const base = new Map<string, Ranked>();
  const judged: Ranked[] = [];
  for (const claim of claims) {
    const kind = kindOf(claim, tables);
    const isOwn = made === 'special' || family(kind.channel) === made;
    if (!isOwn && kind.channel !== undefined) continue;
    const outcome = reach(judge(kind, claim, parsed), services);
    const ranked: Ranked = { kind, claim, outcome, ids: [], rank: rank(kind, outcome) };
    judged.push(ranked);
    const rows = isOwn ? own : base;
    for (const id of claimIds(claim.ids, tables)) {
      const known = rows.get(id);
      if (!known || ranked.rank < known.rank) rows.set(id, ranked);
    }
  }
  for (const [id, { ids }] of own) ids.push(id);
  for (const [id, { ids }] of base) if (!own.has(id)) ids.push(id);
  return judged.filter(({ ids, outcome }) => ids.length > 0 && (all || !isSettled(outcome)));
}

function isSettled({ status }: Outcome): boolean {
  return status === 'fixed' || status === 'not_affected';
}

/**
 * Of several rows of one kind: fixed where the installed version has reached any fix, as builds of these channels
 * cannot be told apart; else the fix that is within reach; else the fix of another channel; else the open row.
 */
function rank({ channel = '' }: ClaimKind, { status, fixState }: Outcome): number {
  const order = ['fixed', 'available', 'other_channel'].indexOf(fixState ?? status);
  return (order === -1 ? 3 : order) * 10 + channelOrder.indexOf(channel);
}

function judge(
  { status, fixState, reason, channel }: ClaimKind,
  { fixed, channelFix }: StoredClaim,
  version: DpkgVersion,
): Outcome {
  if (status === 'fixed')
    return outcomeOfFix(version, fixed!, addOns.has(channel ?? '') ? 'other_channel' : 'available', channel);
  if (status !== 'affected' || fixState !== 'other_channel') return { status, ...(fixState && { fixState }) };
  if (channelFix === undefined) return { status, fixState, ...(reason && { channel: reason }) };
  return outcomeOfFix(version, channelFix, 'other_channel', reason);
}

/** Channels that a build of their kind need not be attached to. */
const addOns: ReadonlySet<string> = new Set(['esm-infra-legacy', 'fips-updates', 'fips-preview']);

/** A fix in another channel is there to install once the image is attached to that channel. */
function reach(outcome: Outcome, services: ProServices): Outcome {
  if (outcome.fixState !== 'other_channel' || !services.has(outcome.channel ?? '')) return outcome;
  return { ...outcome, fixState: outcome.fixedVersion === undefined ? 'other_channel' : 'available' };
}

/** Pro's archives: suites `jammy-infra-security`, `jammy-apps-updates`; FIPS by its place on esm.ubuntu.com. */
function serviceOfSuite(suite: string): string[] {
  const esm = /-(infra|apps)-(?:security|updates)$/.exec(suite)?.[1];
  if (esm !== undefined) return [`esm-${esm}`];
  const fips = /esm\.ubuntu\.com\/(fips(?:-updates|-preview)?)(?:\/|$)/.exec(suite)?.[1];
  return fips === undefined ? [] : [fips];
}
