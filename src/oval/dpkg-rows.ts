import { channelOrder } from '../distros/ubuntu/rule/build.ts';
import type { ShardClaim, ShardLine } from '../model/index.ts';
import { compareDpkg } from '../packaging/deb/version.ts';
import type { Build } from './dpkg-patterns.ts';
import { dpkgLimit } from './evr.ts';
import type { FlawRow, Selection } from './rows.ts';

/** When a row holds: for builds of a kind, below a limit, or wherever the package is present. */
export interface DpkgWay {
  selection: Selection;
  build: Build;
  /** OVAL limit with its epoch; undefined: presence alone. */
  below: string | undefined;
  /** The claim that decides, for severity, advisories and notes. */
  claim: ShardClaim;
}

/** A fixed version of the row is no dpkg version: nothing can be compared with it. */
export type Inexpressible = 'unparsable_fixed_version';

/**
 * The rule by which the runtime chooses among rows of several channels, said for whole kinds of builds: an ESM or FIPS
 * build is judged by the rows of its kind if there are any, every other by the base rows (verdict-rules 1). Where all
 * kinds are judged alike, as on Debian, one way speaks of any build.
 */
export function dpkgWays(line: ShardLine, { claims }: FlawRow): DpkgWay[] | Inexpressible {
  if (isSpecial(line)) return waysOf(claims, 'any');
  const base = claims.filter(({ channel }) => channel === undefined);
  const esm = claims.filter(({ channel }) => kindOf(channel) === 'esm');
  const fips = claims.filter(({ channel }) => kindOf(channel) === 'fips');
  if (esm.length === 0 && fips.length === 0) return waysOf(base, 'any');
  const ways: DpkgWay[] = [];
  for (const [build, own] of [
    ['base', base],
    ['esm', esm],
    ['fips', fips],
  ] as const) {
    const found = waysOf(own.length > 0 ? own : base, build);
    if (typeof found === 'string') return found;
    ways.push(...found);
  }
  return ways;
}

type Kind = 'base' | 'esm' | 'fips' | 'other';

function kindOf(channel: string | undefined): Kind {
  if (channel === undefined) return 'base';
  if (channel.startsWith('esm-')) return 'esm';
  return channel.startsWith('fips') ? 'fips' : 'other';
}

/** Kernels for FIPS or realtime are sources of their own, whose builds carry no mark. */
function isSpecial({ claims }: ShardLine): boolean {
  return (
    claims.length > 0 && claims.every(({ channel }) => channel !== undefined && kindOf(channel) !== 'esm')
  );
}

/** Channels that a build of their kind need not be attached to: their fix is another channel's. */
const addOns: ReadonlySet<string> = new Set(['esm-infra-legacy', 'fips-updates', 'fips-preview']);

/**
 * Rows that judge the same builds: fixed from the lowest fix on, as builds of these channels cannot be told apart;
 * below it a fix is available when one of the rows has it within reach, else it is another channel's. Without any
 * fix, the row that comes first in the order of channels decides.
 */
function waysOf(claims: readonly ShardClaim[], build: Build): DpkgWay[] | Inexpressible {
  const withFix = claims.filter((claim) => fixOf(claim) !== undefined);
  if (withFix.length === 0) return openWays(claims, build);
  let lowest = fixOf(withFix[0]!)!;
  for (const claim of withFix.slice(1)) {
    const fix = fixOf(claim)!;
    if (compareDpkg(fix, lowest) === -1) lowest = fix;
  }
  const below = dpkgLimit(lowest);
  if (below === undefined) return 'unparsable_fixed_version';
  const within = withFix.find(({ status, channel }) => status === 'fixed' && !addOns.has(channel ?? ''));
  return [{ selection: within ? 'fixed' : 'unfixed', build, below, claim: within ?? withFix[0]! }];
}

function fixOf({ status, fixed, fixState, channelFix }: ShardClaim): string | undefined {
  if (status === 'fixed') return fixed;
  return fixState === 'other_channel' ? channelFix : undefined;
}

function openWays(claims: readonly ShardClaim[], build: Build): DpkgWay[] {
  const order = ({ fixState, channel = '' }: ShardClaim) =>
    (fixState === 'other_channel' ? 0 : 100) + channelOrder.indexOf(channel);
  const [first] = [...claims].sort((a, b) => order(a) - order(b));
  return first?.status === 'affected'
    ? [{ selection: 'unfixed', build, below: undefined, claim: first }]
    : [];
}
