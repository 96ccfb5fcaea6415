import type { ClaimKind } from '../../../model/index.ts';
import {
  type ClaimRow,
  type ClaimVersions,
  type RowTerm,
  type Term,
  type Threshold,
  thresholdOf,
} from '../../shared/threshold.ts';
import type { UbuntuBuild } from './build.ts';

/** Services of Ubuntu Pro that an image installs from: `esm-infra`, `esm-apps`, `fips-updates`. */
export type ProServices = ReadonlySet<string>;

/** Builds of one kind; `special`: those of a source that has rows of special channels alone. */
export type BuildKind = UbuntuBuild | 'special';

/**
 * What decides on builds of a kind, of all rows of one vulnerability: an ESM or FIPS build is judged by the rows of its
 * channel if there are any, else by the base row; every other build by the base row. Rows of channels that the build is
 * not from say nothing of it.
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
 * Whether a row is of the plain archive or ESM. A source without any is a kernel for FIPS, realtime or BlueField: all of
 * its builds are special, and carry no mark.
 */
export function isOrdinary(channel: string | undefined): boolean {
  const family = familyOf(channel);
  return family === 'base' || family === 'esm';
}

/** What one row says. A fix in another channel is there to install once the image is attached to that channel. */
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

/** Channels that a build of their kind need not be attached to. */
const addOns: ReadonlySet<string> = new Set(['esm-infra-legacy', 'fips-updates', 'fips-preview']);

/** Which of several rows is told first. */
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

/** Whether a row speaks of builds of one kind that other rows may not speak of. */
export function isOfChannel(channel: string | undefined): boolean {
  const family = familyOf(channel);
  return family === 'esm' || family === 'fips';
}

function familyOf(channel: string | undefined): UbuntuBuild | 'other' {
  if (channel === undefined) return 'base';
  if (channel.startsWith('esm-')) return 'esm';
  return channel.startsWith('fips') ? 'fips' : 'other';
}
