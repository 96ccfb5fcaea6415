import type { ClaimKind } from '../../model/feed/index.ts';
import {
  type ClaimRow,
  type ClaimVersions,
  type RowTerm,
  type Term,
  type Threshold,
  thresholdOf,
} from '../shared/threshold.ts';

/** Services of Ubuntu Pro that an image installs from: `esm-infra`, `esm-apps`, `fips-updates`. */
export type ProServices = ReadonlySet<string>;

/** Kinds of builds; `special`: of a source that has rows of special channels only. */
export type BuildKind = UbuntuBuild | 'special';

/**
 * The threshold of builds of a kind, from all rows of one vulnerability: an ESM or FIPS build is judged by the rows of its
 * channel if there are any, otherwise by the base row; every other build by the base row. Rows of other channels do not
 * apply.
 */
export function ubuntuThreshold<R extends ClaimRow>(
  rows: readonly R[],
  build: BuildKind,
  services: ProServices = none,
): Threshold<RowTerm<R>> | undefined {
  const own = rows.filter(({ kind }) => build === 'special' || familyOf(kind.channel) === build);
  const speaking = own.length > 0 ? own : rows.filter(({ kind }) => kind.channel === undefined);
  const ordered = speaking.length > 1 ? [...speaking].sort(byChannel) : speaking;
  return thresholdOf(ordered.map((row) => ({ ...ubuntuTerm(row.kind, row.claim, services), row })));
}

/**
 * True for a row of the base archive or ESM. A source without such rows is a kernel for FIPS, realtime or BlueField: all of
 * its builds are special, and have no mark.
 */
export function isOrdinary(channel: string | undefined): boolean {
  const family = familyOf(channel);
  return family === 'base' || family === 'esm';
}

/** The term of one row. A fix in another channel is available if the image is attached to that channel. */
export function ubuntuTerm(
  { status, fixState, reason, channel }: ClaimKind,
  { fixed, channelFix }: ClaimVersions,
  services: ProServices = none,
): Term {
  const fixIn = (version: string, state: 'available' | 'other_channel', of: string | undefined): Term => ({
    fixed: version,
    otherwise: { status: 'affected', fixState: services.has(of ?? '') ? 'available' : state },
    ...(of && { channel: of }),
  });
  if (status === 'fixed')
    return fixIn(fixed!, addOns.has(channel ?? '') ? 'other_channel' : 'available', channel);
  if (status !== 'affected' || fixState !== 'other_channel')
    return { otherwise: { status, ...(fixState && { fixState }) } };
  if (channelFix !== undefined) return fixIn(channelFix, 'other_channel', reason);
  return { otherwise: { status, fixState }, ...(reason && { channel: reason }) };
}

const none: ProServices = new Set();

/** Channels whose builds do not need the image to be attached. */
const addOns: ReadonlySet<string> = new Set(['esm-infra-legacy', 'fips-updates', 'fips-preview']);

/** The order in which several rows are reported. */
const channelOrder: readonly string[] = [
  '',
  'esm-infra',
  'esm-apps',
  'esm-infra-legacy',
  'fips-updates',
  'fips',
  'fips-preview',
];

function byChannel(a: ClaimRow, b: ClaimRow): number {
  return channelOrder.indexOf(a.kind.channel ?? '') - channelOrder.indexOf(b.kind.channel ?? '');
}

/** True for a row about one kind of builds only. */
export function isOfChannel(channel: string | undefined): boolean {
  const family = familyOf(channel);
  return family === 'esm' || family === 'fips';
}

function familyOf(channel: string | undefined): UbuntuBuild | 'other' {
  if (channel === undefined) return 'base';
  if (channel.startsWith('esm-')) return 'esm';
  return channel.startsWith('fips') ? 'fips' : 'other';
}

/** The update channel of a build. */
export type UbuntuBuild = 'base' | 'esm' | 'fips';

/** Marks in versions of ESM and FIPS builds, the latter in any case; patterns for the runtime and OVAL. */
export const marks = { esm: String.raw`[+~]esm\d`, fips: 'fips' };

const esm = new RegExp(marks.esm);
const fips = new RegExp(marks.fips, 'i');

/**
 * By the version alone: ESM builds have `~esmN` or `+esmN`, FIPS builds `fips` in any case. ESM's infra, apps and legacy
 * cannot be distinguished, nor can fips, fips-updates and fips-preview.
 */
export function ubuntuBuild(version: string): UbuntuBuild {
  if (esm.test(version)) return 'esm';
  return fips.test(version) ? 'fips' : 'base';
}

// A mark of other archives: deb.sury.org. Others name the release by its codename, as nginx.org does.
export const ubuntuForeign = /\+deb\.sury\.org/;

const codename = /(?<![a-z])(?:trusty|xenial|bionic|focal|jammy|noble|resolute)(?![a-z])/;

/**
 * Returns the codename that shows that others built a source, or undefined. Ubuntu itself appends release numbers (`~22.04.1`,
 * `ubuntu0.18.04.1`), and codenames in a few sources of old releases (`libreoffice 1:5.1.6~rc2-0ubuntu1~xenial10`), whose fixes have
 * them too.
 */
export function foreignCodename(version: string, fixes: () => Iterable<string>): string | undefined {
  const found = codename.exec(version)?.[0];
  if (found === undefined) return undefined;
  for (const fixed of fixes()) if (fixed.includes(`~${found}`)) return undefined;
  return found;
}
