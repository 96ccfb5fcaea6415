import type { FixState, InstalledPackage, Status } from '../../../model/index.ts';
import type { RpmContext } from './context.ts';
import { cpePrecision, parseCpe } from './cpe.ts';
import type { RpmRow } from './row.ts';

/** What the rows say of the installed package, and the row that decided. */
export interface RpmOutcome {
  row: RpmRow;
  status: Status;
  fixState?: FixState;
  fixedVersion?: string;
  /** Where a fix is that the image does not install from: `eus-9.4`. */
  elsewhere?: string;
}

/** The stream that an installed build is of: its own minor, else the image's (verdict-rules 0.3). */
export interface BuildStream {
  /** Minor of the build; undefined: neither it nor the image says one. */
  minor: number | undefined;
  /** The build itself says it (`.el9_4`, or its module's version). */
  own: boolean;
}

/** Minor of an installed build: of its dist tag, for a modular one of MODULARITYLABEL, else of the image. */
export function buildStream(pkg: InstalledPackage, { major, minor }: RpmContext): BuildStream {
  const own =
    pkg.module === undefined ? tagMinor(pkg.version, major) : labelMinor(pkg.modularityLabel, major);
  return own === undefined ? { minor, own: false } : { minor: own, own: true };
}

/** Judges one vulnerability by the rows of the streams that the image installs from, else by those of others. */
export function judgeRows(
  rows: readonly RpmRow[],
  build: BuildStream,
  context: RpmContext,
): RpmOutcome | undefined {
  if (rows.some(isLayered)) return judgeMain(mostPrecise(rows.filter(isLayered)), none, build, context);
  const { extended, main, other } = splitStreams(rows, context);
  const builtFixed = build.own && extended === none ? fixedInOwnStream(rows, build) : undefined;
  if (builtFixed) return fixedBy(builtFixed);
  if (extended !== none) return judgeExtended({ extended, main, other }, build, context);
  return judgeMain(main, other, build, context);
}

const none: readonly RpmRow[] = [];

/** Most vulnerabilities have a row or two, all of one stream: those are not copied. */
function rowsWhere(rows: readonly RpmRow[], test: (row: RpmRow) => boolean): readonly RpmRow[] {
  const passed = rows.some(test);
  return passed && rows.length > 1 ? rows.filter(test) : passed ? rows : none;
}

function isLayered({ kind: { channel } }: RpmRow): boolean {
  return channel?.startsWith('cpe:') === true;
}

/** Rows of `openshift:4.16` before those of `openshift:4`, all of which the image's CPEs have let through. */
function mostPrecise(rows: readonly RpmRow[]): readonly RpmRow[] {
  const precisionOf = ({ kind: { channel } }: RpmRow) => cpePrecision(parseCpe(channel!)!);
  const best = Math.max(...rows.map(precisionOf));
  return rows.filter((row) => precisionOf(row) === best);
}

interface Streams {
  /** Rows of the extended channels and the minor that the image is on. */
  extended: readonly RpmRow[];
  main: readonly RpmRow[];
  /** Channels and minors that the image does not install from. */
  other: readonly RpmRow[];
}

function splitStreams(rows: readonly RpmRow[], context: RpmContext): Streams {
  // Few images are on a channel: rows of main are all that have none then.
  if (context.channels.size === 0)
    return { extended: none, main: rowsWhere(rows, isOfMain), other: rowsWhere(rows, isOfChannel) };
  const of = (stream: keyof Streams) => rowsWhere(rows, (row) => streamOf(row, context) === stream);
  return { extended: of('extended'), main: of('main'), other: of('other') };
}

function isOfMain({ kind }: RpmRow): boolean {
  return kind.channel === undefined;
}

function isOfChannel({ kind }: RpmRow): boolean {
  return kind.channel !== undefined;
}

/** An image on an extended channel stays on its minor: it gets main fixes up to there, and its channel's of there. */
function streamOf({ kind }: RpmRow, { channels, pinned, minor }: RpmContext): keyof Streams {
  const { channel, minor: rowMinor } = kind;
  const beside = rowMinor !== undefined && minor !== undefined && rowMinor !== minor;
  if (channel !== undefined) return channels.has(channel) && !beside ? 'extended' : 'other';
  return pinned && beside && rowMinor > minor ? 'other' : 'main';
}

/** A build of 9.2 EUS in a later image has the fix of its own stream, which main never had for that minor. */
function fixedInOwnStream(rows: readonly RpmRow[], build: BuildStream): RpmRow | undefined {
  const own = rowsWhere(rows, (row) => isFix(row) && row.kind.minor === build.minor);
  if (own.some(isOfMain)) return undefined;
  return own.find((row) => row.order() !== -1);
}

/** The image's own channel decides if it has any row; a fix of the same minor's main stream is part of it. */
function judgeExtended(
  { extended, main, other }: Streams,
  build: BuildStream,
  context: RpmContext,
): RpmOutcome | undefined {
  const fix = highest(rowsWhere(extended, isFix));
  if (fix) return judgeFix(fix);
  const open = preferBinary(extended)!;
  if (open.kind.status !== 'affected') return { row: open, status: open.kind.status };
  const sameMinor = highest(rowsWhere(main, (row) => isFix(row) && row.kind.minor === context.minor));
  if (sameMinor) return judgeFix(sameMinor);
  return unfixed(open, other, build, context.major);
}

/** The main channel: the lowest fix of the build's minor or a later one, else the highest of all. */
function judgeMain(
  main: readonly RpmRow[],
  other: readonly RpmRow[],
  build: BuildStream,
  { major }: RpmContext,
): RpmOutcome | undefined {
  const excepted = exceptionFor(main, build);
  if (excepted) return { row: excepted, status: 'not_affected' };
  const fix = fixFor(rowsWhere(main, isFix), build);
  if (fix) return judgeFix(fix);
  const open = nearest(main, build);
  if (!open) return elsewhereOnly(other, build, major);
  if (open.kind.status !== 'affected') return { row: open, status: open.kind.status };
  return unfixed(open, other, build, major);
}

/**
 * "Not affected" that outweighs fixes which others needed: said of just the build's own minor, else of the binary by its
 * own name.
 */
function exceptionFor(main: readonly RpmRow[], build: BuildStream): RpmRow | undefined {
  const exceptions = rowsWhere(main, isNotAffected);
  if (exceptions === none) return undefined;
  return (
    exceptions.find(({ kind: { minor } }) => minor !== undefined && build.own && minor === build.minor) ??
    exceptions.find((row) => row.isBinary && row.kind.minor === undefined)
  );
}

/** Affected without a fix here; a fix in a stream that the image is not on is worth telling. */
function unfixed(open: RpmRow, other: readonly RpmRow[], build: BuildStream, major: number): RpmOutcome {
  const { kind, claim } = open;
  const fixes = rowsWhere(other, (row) => isFix(row) && row.place.name === open.place.name);
  const fix = fixFor(fixes, build);
  if (kind.fixState === 'other_channel') {
    if (fix && fix.order() !== -1) return fixedBy(fix);
    const version = fix?.claim.fixed ?? claim.channelFix;
    return {
      row: open,
      status: 'affected',
      fixState: 'other_channel',
      ...(version === undefined ? {} : { fixedVersion: version }),
      ...(fix ? { elsewhere: streamName(fix, major) } : {}),
    };
  }
  // A main fix of a later minor: an image held on its minor cannot get it.
  if (fix && isOfMain(fix)) return { ...elsewhere(fix, major), row: open };
  return { row: open, status: 'affected', fixState: kind.fixState! };
}

/** Only streams that the image is not on speak of the vulnerability: silence, unless it is held below a main fix. */
function elsewhereOnly(other: readonly RpmRow[], build: BuildStream, major: number): RpmOutcome | undefined {
  const fix = fixFor(
    rowsWhere(other, (row) => isFix(row) && isOfMain(row)),
    build,
  );
  if (!fix) return undefined;
  return fix.order() === -1 ? elsewhere(fix, major) : fixedBy(fix);
}

function elsewhere(fix: RpmRow, major: number): RpmOutcome {
  return {
    row: fix,
    status: 'affected',
    fixState: 'other_channel',
    fixedVersion: fix.claim.fixed!,
    elsewhere: streamName(fix, major),
  };
}

function streamName({ kind: { channel, minor } }: RpmRow, major: number): string {
  return `${channel ?? 'main'}-${major}${minor === undefined ? '' : `.${minor}`}`;
}

function isNotAffected({ kind }: RpmRow): boolean {
  return kind.status === 'not_affected';
}

function isFix({ kind }: RpmRow): boolean {
  return kind.status === 'fixed';
}

function judgeFix(row: RpmRow): RpmOutcome {
  if (row.order() !== -1) return fixedBy(row);
  return { row, status: 'affected', fixState: 'available', fixedVersion: row.claim.fixed! };
}

function fixedBy(row: RpmRow): RpmOutcome {
  return { row, status: 'fixed', fixedVersion: row.claim.fixed! };
}

/** Of fixes in several minors the one that the build is measured by (verdict-rules 0.3). */
function fixFor(fixes: readonly RpmRow[], { minor }: BuildStream): RpmRow | undefined {
  if (fixes.length < 2) return fixes[0];
  const later = fixes.filter(
    (row) => minor !== undefined && row.kind.minor !== undefined && row.kind.minor >= minor,
  );
  const chosen = later.length > 0 ? Math.min(...later.map(minorOf)) : Math.max(...fixes.map(minorOf));
  return highest(fixes.filter((row) => minorOf(row) === chosen));
}

/** Among unfixed rows: the build's own minor, else the whole major, else the lowest later minor, else the highest. */
function nearest(rows: readonly RpmRow[], { minor }: BuildStream): RpmRow | undefined {
  if (rows.length < 2) return rows[0];
  const rank = (row: RpmRow) => {
    const { minor: rowMinor } = row.kind;
    if (rowMinor === undefined) return 1;
    if (rowMinor === minor) return 0;
    return rowMinor > (minor ?? 0) ? 2 + rowMinor : 1000 - rowMinor;
  };
  const best = Math.min(...rows.map(rank));
  return preferBinary(rows.filter((row) => rank(row) === best));
}

function minorOf({ kind }: RpmRow): number {
  return kind.minor ?? -1;
}

/** Rows of one stream: the binary's own, else its source's, else another source's; of several the one that asks for most. */
function highest(fixes: readonly RpmRow[]): RpmRow | undefined {
  if (fixes.length < 2) return fixes[0];
  const binary = fixes.filter((row) => row.isBinary);
  const source = fixes.filter((row) => row.place.kind !== 'other_source');
  const own = binary.length > 0 ? binary : source.length > 0 ? source : fixes;
  return own.find((row) => row.order() === -1) ?? own[0];
}

function preferBinary(rows: readonly RpmRow[]): RpmRow | undefined {
  return rows.find((row) => row.isBinary) ?? rows[0];
}

/** `.el9_4`, `.el8_10.1`; `.module+el8.10.0+…` is no dist tag of this kind. */
function tagMinor(version: string, major: number): number | undefined {
  const tag = /[.+](?:a?el)(\d+)[ab]?_(\d+)(?!\d)/.exec(version.slice(version.lastIndexOf('-') + 1));
  return tag && Number(tag[1]) === major ? Number(tag[2]) : undefined;
}

/** MODULARITYLABEL `name:stream:8100020240814102525:489197e6`: major, two digits of minor, two of patch, time. */
function labelMinor(label: string | undefined, major: number): number | undefined {
  const version = /^[^:]+:[^:]+:(\d+):/.exec(label ?? '')?.[1];
  const parts = version === undefined ? null : /^(\d)(\d{2})\d{2}\d{14}$/.exec(version);
  return parts && Number(parts[1]) === major ? Number(parts[2]) : undefined;
}
