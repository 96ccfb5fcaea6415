import type { Inventory, ShardClaim, Verdict } from '../model/index.ts';
import { compareDpkg, compareDpkgVersions, type DpkgVersion, splitDpkgVersion } from '../versions/dpkg.ts';
import { channelOrder, type UbuntuBuild, ubuntuBuild } from '../versions/ubuntu-build.ts';

/** A claim applied to an installed version. */
export type Outcome = Pick<Verdict, 'status' | 'fixState' | 'fixedVersion' | 'channel'>;

/** A claim that judges, what it says of the installed version, and the vulnerabilities for which it does. */
export interface Judged {
  claim: ShardClaim;
  outcome: Outcome;
  ids: readonly string[];
}

/** Services of Ubuntu Pro that an image installs from: `esm-infra`, `esm-apps`, `fips-updates`. */
export type ProServices = ReadonlySet<string>;

/**
 * Picks the rows that speak of the installed build (verdict-rules 1): an ESM or FIPS build is judged by the row of its
 * channel if the vulnerability has one, else by the base row; every other build by the base row. Rows of channels that
 * the build is not from say nothing of it.
 */
export function judgeChannels(
  claims: readonly ShardClaim[],
  version: string,
  services: ProServices,
): Judged[] {
  const direct = claims.every(({ channel }) => channel === undefined);
  if (direct) {
    const installed = splitDpkgVersion(version);
    return claims.map((claim) => ({
      claim,
      outcome: judgeDirect(claim, version, installed, services),
      ids: claim.ids,
    }));
  }
  const build = ubuntuBuild(version);
  // Kernels for FIPS, realtime and BlueField are sources of their own: their builds carry no mark, nor need they.
  const special = claims.every(({ channel }) => family(channel) !== 'base' && family(channel) !== 'esm');
  const judged: Judged[] = [];
  for (const [id, rows] of rowsById(claims)) {
    const best = special ? bestOf(rows, version, services) : judgeRows(rows, build, version, services);
    if (best) judged.push({ ...best, ids: [id] });
  }
  return judged;
}

/** The common case, a claim of the base: nothing of it depends on channels unless its fix is in one. */
function judgeDirect(
  claim: ShardClaim,
  version: string,
  installed: DpkgVersion,
  services: ProServices,
): Outcome {
  if (claim.status !== 'fixed') return reach(judge(claim, version), services);
  const fixedVersion = claim.fixed!;
  return compareDpkgVersions(installed, splitDpkgVersion(fixedVersion)) === -1
    ? { status: 'affected', fixState: 'available', fixedVersion }
    : { status: 'fixed', fixedVersion };
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
type Judgement = Omit<Judged, 'ids'>;

function family(channel: string | undefined): Family {
  if (channel === undefined) return 'base';
  if (channel.startsWith('esm-')) return 'esm';
  return channel.startsWith('fips') ? 'fips' : 'other';
}

function rowsById(claims: readonly ShardClaim[]): Map<string, ShardClaim[]> {
  const rows = new Map<string, ShardClaim[]>();
  for (const claim of claims) {
    for (const id of claim.ids) {
      const known = rows.get(id);
      if (known) known.push(claim);
      else rows.set(id, [claim]);
    }
  }
  return rows;
}

function judgeRows(
  rows: readonly ShardClaim[],
  build: UbuntuBuild,
  version: string,
  services: ProServices,
): Judgement | undefined {
  const own = rows.filter(({ channel }) => family(channel) === build);
  const used = own.length > 0 ? own : rows.filter(({ channel }) => channel === undefined);
  return bestOf(used, version, services);
}

/**
 * Of several rows of one kind: fixed where the installed version has reached any fix, as builds of these channels
 * cannot be told apart; else the fix that is within reach; else the fix of another channel; else the open row.
 */
function bestOf(rows: readonly ShardClaim[], version: string, services: ProServices): Judgement | undefined {
  const judged = rows.map((claim) => ({ claim, outcome: reach(judge(claim, version), services) }));
  return judged.sort((a, b) => rank(a) - rank(b))[0];
}

function rank({ claim: { channel = '' }, outcome: { status, fixState } }: Judgement): number {
  const kind = ['fixed', 'available', 'other_channel'].indexOf(fixState ?? status);
  return (kind === -1 ? 3 : kind) * 10 + channelOrder.indexOf(channel);
}

function judge(
  { status, fixState, fixed, reason, channelFix, channel }: ShardClaim,
  version: string,
): Outcome {
  if (status === 'fixed')
    return against(version, fixed!, channel, channel !== undefined && addOns.has(channel));
  if (status !== 'affected' || fixState !== 'other_channel') return { status, ...(fixState && { fixState }) };
  if (channelFix === undefined) return { status, fixState, ...(reason && { channel: reason }) };
  return against(version, channelFix, reason, true);
}

/** A build that has reached the fix is fixed, whichever channel it is from: early ESM builds carry no mark. */
function against(version: string, fixed: string, channel: string | undefined, elsewhere: boolean): Outcome {
  const known = { fixedVersion: fixed, ...(channel && { channel }) };
  if (compareDpkg(version, fixed) !== -1) return { status: 'fixed', ...known };
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
