import type { ClaimKind, Inventory, StoredClaim, Verdict } from '../../../model/index.ts';
import { compareDpkgText, type DpkgVersion } from '../../../packaging/deb/version.ts';
import { claimIds, kindOf, type ShardTables } from '../../../runtime/shard-records.ts';
import { channelOrder, ubuntuBuild } from './build.ts';

/** A claim applied to an installed version. */
export type Outcome = Pick<Verdict, 'status' | 'fixState' | 'fixedVersion' | 'channel'>;

/** A claim that judges, what it says of the installed version, and the vulnerabilities for which it does. */
export interface Judged {
  kind: ClaimKind;
  claim: StoredClaim;
  outcome: Outcome;
  ids: readonly string[];
}

/** An installed version, as it is and in its parts. */
interface Build {
  version: string;
  parsed: DpkgVersion;
}

/** Services of Ubuntu Pro that an image installs from: `esm-infra`, `esm-apps`, `fips-updates`. */
export type ProServices = ReadonlySet<string>;

/**
 * Picks the rows that speak of the installed build (verdict-rules 1): an ESM or FIPS build is judged by the row of its
 * channel if the vulnerability has one, else by the base row; every other build by the base row. Rows of channels that
 * the build is not from say nothing of it. `all`: also what is fixed or not affected.
 */
export function judgeClaims(
  claims: readonly StoredClaim[],
  tables: ShardTables,
  build: Build,
  services: ProServices,
  all: boolean,
): Judged[] {
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
  return judgeBase(claims, tables, build, services, all);
}

/** The common case: one base row for each vulnerability. Most rows are of what is fixed, which nobody asks for. */
function judgeBase(
  claims: readonly StoredClaim[],
  tables: ShardTables,
  { parsed }: Build,
  services: ProServices,
  all: boolean,
): Judged[] {
  const judged: Judged[] = [];
  // Claims of the same fix follow each other.
  let fixed: string | undefined;
  let below = false;
  for (const claim of claims) {
    const kind = kindOf(claim, tables);
    if (kind.channel !== undefined) continue;
    if (!all) {
      if (kind.status === 'not_affected') continue;
      if (kind.status === 'fixed') {
        if (claim.fixed !== fixed) {
          fixed = claim.fixed!;
          below = compareDpkgText(parsed, fixed) === -1;
        }
        if (!below) continue;
      }
    }
    const outcome = reach(judge(kind, claim, parsed), services);
    if (all || outcome.status !== 'fixed')
      judged.push({ kind, claim, outcome, ids: claimIds(claim.ids, tables) });
  }
  return judged;
}

/** What `--pro`, `--no-pro` or the image itself says of Ubuntu Pro. */
export function proServices(
  { pro, aptSuites = [] }: Pick<Inventory, 'pro' | 'aptSuites'>,
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

interface Ranked extends Judged {
  rank: number;
  ids: string[];
}

/** Builds of channels: of each vulnerability the best of the channel's own rows, else of the base rows. */
function judgeChannels(
  claims: readonly StoredClaim[],
  made: Family | 'special',
  tables: ShardTables,
  { parsed }: Build,
  services: ProServices,
  all: boolean,
): Judged[] {
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
    return against(version, fixed!, channel, channel !== undefined && addOns.has(channel));
  if (status !== 'affected' || fixState !== 'other_channel') return { status, ...(fixState && { fixState }) };
  if (channelFix === undefined) return { status, fixState, ...(reason && { channel: reason }) };
  return against(version, channelFix, reason, true);
}

/** A build that has reached the fix is fixed, whichever channel it is from: early ESM builds carry no mark. */
function against(
  version: DpkgVersion,
  fixed: string,
  channel: string | undefined,
  elsewhere: boolean,
): Outcome {
  const known = { fixedVersion: fixed, ...(channel && { channel }) };
  if (compareDpkgText(version, fixed) !== -1) return { status: 'fixed', ...known };
  return { status: 'affected', fixState: elsewhere ? 'other_channel' : 'available', ...known };
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
