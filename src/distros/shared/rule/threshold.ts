import type { ClaimKind, FixState, Status, StoredClaim } from '../../../model/feed/index.ts';
import { compareRpmEvr } from '../../../packaging/rpm/version.ts';
import { cpePrecision, parseCpe } from './cpe.ts';

/** Relation of the package that a claim names to the one that is judged. */
export type RowKind =
  | 'binary'
  | 'source'
  /** A source that the vendor has built the binary from, but not this build of it. */
  | 'other_source';

/** A claim that matches a package, with everything that the rule reads of it. */
export interface StreamRow {
  claim: Pick<StoredClaim, 'fixed' | 'channelFix'>;
  kind: Pick<ClaimKind, 'status' | 'fixState' | 'channel' | 'minor'>;
  place: {
    /** The package name that the claim stands under. */
    name: string;
    kind: RowKind;
  };
}

/** The stream that a build is of: its own minor, else the image's. */
export interface BuildStream {
  /** Minor of the build; undefined: neither it nor the image says one. */
  minor: number | undefined;
  /** The build itself says it (`.el9_4`, or its module's version). */
  own: boolean;
}

/** Streams that an image installs from. */
export interface ImageStreams {
  /** Minor of the image; undefined: it does not say. */
  minor: number | undefined;
  /** Channels other than main: `eus`, `els`. */
  channels: ReadonlySet<string>;
  /** One of these holds the image on its minor: all but ELS, which follows the last. */
  pinned: boolean;
}

/** The threshold for builds of a stream, whatever version is installed. */
export interface StreamThreshold<R extends StreamRow> {
  /** A build that has reached any of these fixes is fixed, by the first of them that it has. */
  fixes: readonly R[];
  /** The outcome of every other build; undefined if no row covers it. */
  below: Below<R> | undefined;
}

export interface Below<R extends StreamRow> {
  /** The row that decides. */
  row: R;
  status: Status;
  fixState?: FixState;
  /** The fix to report; with fix state `other_channel`, one in a stream that the image does not use. */
  fix?: R;
}

/**
 * The threshold that all rows of one vulnerability make: by the streams that the image installs from, else by others. An
 * image's layered product outweighs RHEL, and its own channel the main one.
 */
export function streamThreshold<R extends StreamRow>(
  rows: readonly R[],
  build: BuildStream,
  image: ImageStreams,
): StreamThreshold<R> | undefined {
  if (rows.some(isLayered)) return mainThreshold(mostPrecise(rows.filter(isLayered)), none, build);
  const { extended, main, other } = splitStreams(rows, image);
  if (extended.length > 0) return extendedThreshold({ extended, main, other }, build, image);
  const threshold = mainThreshold(main, other, build);
  const own = build.own ? ownStreamFixes(rows, build) : none;
  if (own.length === 0) return threshold;
  return { fixes: [...own, ...(threshold?.fixes ?? none)], below: threshold?.below };
}

/** The stream of a fix: `eus-9.4`, `main-9.4`, `main-9`; for a layered product its CPE. */
export function streamName(row: StreamRow, major: number): string {
  const { channel, minor } = row.kind;
  if (channel !== undefined && isLayered(row)) return channel;
  return `${channel ?? 'main'}-${major}${minor === undefined ? '' : `.${minor}`}`;
}

const none: readonly never[] = [];

/** Most vulnerabilities have a row or two, all of one stream: those are not copied. */
function rowsWhere<R extends StreamRow>(rows: readonly R[], test: (row: R) => boolean): readonly R[] {
  const passed = rows.some(test);
  return passed && rows.length > 1 ? rows.filter(test) : passed ? rows : none;
}

function isLayered({ kind: { channel } }: StreamRow): boolean {
  return channel?.startsWith('cpe:') === true;
}

/** Rows of `openshift:4.16` before those of `openshift:4`, all of which the image's CPEs have let through. */
function mostPrecise<R extends StreamRow>(rows: readonly R[]): readonly R[] {
  const precisionOf = ({ kind: { channel } }: R) => cpePrecision(parseCpe(channel!)!);
  const best = Math.max(...rows.map(precisionOf));
  return rows.filter((row) => precisionOf(row) === best);
}

interface Streams<R> {
  /** Rows of the extended channels and the minor that the image is on. */
  extended: readonly R[];
  main: readonly R[];
  /** Channels and minors that the image does not install from. */
  other: readonly R[];
}

function splitStreams<R extends StreamRow>(rows: readonly R[], image: ImageStreams): Streams<R> {
  // Few images are on a channel: rows of main are all that have none then.
  if (image.channels.size === 0)
    return { extended: none, main: rowsWhere(rows, isOfMain), other: rowsWhere(rows, isOfChannel) };
  const of = (stream: keyof Streams<R>) => rowsWhere(rows, (row) => streamOf(row, image) === stream);
  return { extended: of('extended'), main: of('main'), other: of('other') };
}

function isOfMain({ kind }: StreamRow): boolean {
  return kind.channel === undefined;
}

function isOfChannel({ kind }: StreamRow): boolean {
  return kind.channel !== undefined;
}

/** An image on an extended channel stays on its minor: it gets main fixes up to there, and its channel's of there. */
function streamOf({ kind }: StreamRow, { channels, pinned, minor }: ImageStreams): keyof Streams<StreamRow> {
  const { channel, minor: rowMinor } = kind;
  const beside = rowMinor !== undefined && minor !== undefined && rowMinor !== minor;
  if (channel !== undefined) return channels.has(channel) && !beside ? 'extended' : 'other';
  return pinned && beside && rowMinor > minor ? 'other' : 'main';
}

/** A build of 9.2 EUS in a later image has the fix of its own stream, which main never had for that minor. */
function ownStreamFixes<R extends StreamRow>(rows: readonly R[], build: BuildStream): readonly R[] {
  const own = rowsWhere(rows, (row) => isFix(row) && row.kind.minor === build.minor);
  return own.some(isOfMain) ? none : own;
}

/** The image's own channel decides if it has any row; a fix of the same minor's main stream is part of it. */
function extendedThreshold<R extends StreamRow>(
  { extended, main, other }: Streams<R>,
  build: BuildStream,
  image: ImageStreams,
): StreamThreshold<R> {
  const fix = highest(rowsWhere(extended, isFix));
  if (fix) return fixedFrom(fix);
  const open = preferBinary(extended)!;
  if (open.kind.status !== 'affected') return forAllVersions(open);
  const sameMinor = highest(rowsWhere(main, (row) => isFix(row) && row.kind.minor === image.minor));
  return sameMinor ? fixedFrom(sameMinor) : unfixed(open, other, build);
}

/** The main channel: the lowest fix of the build's minor or a later one, else the highest of all. */
function mainThreshold<R extends StreamRow>(
  main: readonly R[],
  other: readonly R[],
  build: BuildStream,
): StreamThreshold<R> | undefined {
  const excepted = exceptionFor(main, build);
  if (excepted) return forAllVersions(excepted);
  const fix = fixFor(rowsWhere(main, isFix), build);
  if (fix) return fixedFrom(fix);
  const open = nearest(main, build);
  if (!open) return elsewhereOnly(other, build);
  return open.kind.status === 'affected' ? unfixed(open, other, build) : forAllVersions(open);
}

function fixedFrom<R extends StreamRow>(fix: R): StreamThreshold<R> {
  return { fixes: [fix], below: { row: fix, status: 'affected', fixState: 'available', fix } };
}

/** The status of a row for every version, even if other rows have fixes. */
function forAllVersions<R extends StreamRow>(row: R): StreamThreshold<R> {
  return { fixes: none, below: { row, status: row.kind.status } };
}

/**
 * "Not affected" that outweighs fixes which others needed: about just the build's own minor, else of the binary by its
 * own name.
 */
function exceptionFor<R extends StreamRow>(main: readonly R[], build: BuildStream): R | undefined {
  const exceptions = rowsWhere(main, isNotAffected);
  if (exceptions.length === 0) return undefined;
  return (
    exceptions.find(({ kind: { minor } }) => minor !== undefined && build.own && minor === build.minor) ??
    exceptions.find((row) => isBinary(row) && row.kind.minor === undefined)
  );
}

/** Affected without a fix here; a fix in a stream that the image is not on is worth reporting. */
function unfixed<R extends StreamRow>(open: R, other: readonly R[], build: BuildStream): StreamThreshold<R> {
  const { fixState } = open.kind;
  const fixes = rowsWhere(other, (row) => isFix(row) && row.place.name === open.place.name);
  const fix = fixFor(fixes, build);
  if (fixState === 'other_channel')
    return {
      fixes: fix ? [fix] : none,
      below: { row: open, status: 'affected', fixState, ...(fix && { fix }) },
    };
  // A main fix of a later minor: an image held on its minor cannot get it.
  if (fix && isOfMain(fix))
    return { fixes: none, below: { row: open, status: 'affected', fixState: 'other_channel', fix } };
  return { fixes: none, below: { row: open, status: 'affected', ...(fixState && { fixState }) } };
}

/**
 * Only streams that the image does not follow have the vulnerability: no statement applies, unless the package is below a fix of
 * main.
 */
function elsewhereOnly<R extends StreamRow>(
  other: readonly R[],
  build: BuildStream,
): StreamThreshold<R> | undefined {
  const held = rowsWhere(other, (row) => isFix(row) && isOfMain(row));
  const fix = fixFor(held, build);
  return fix && { fixes: [fix], below: { row: fix, status: 'affected', fixState: 'other_channel', fix } };
}

function isNotAffected({ kind }: StreamRow): boolean {
  return kind.status === 'not_affected';
}

function isFix({ kind }: StreamRow): boolean {
  return kind.status === 'fixed';
}

function isBinary({ place }: StreamRow): boolean {
  return place.kind === 'binary';
}

/** Of fixes in several minors the one that a build is measured by. */
function fixFor<R extends StreamRow>(fixes: readonly R[], { minor }: BuildStream): R | undefined {
  if (fixes.length < 2) return fixes[0];
  const later = fixes.filter(
    (row) => minor !== undefined && row.kind.minor !== undefined && row.kind.minor >= minor,
  );
  const chosen = later.length > 0 ? Math.min(...later.map(minorOf)) : Math.max(...fixes.map(minorOf));
  return highest(fixes.filter((row) => minorOf(row) === chosen));
}

/** Among unfixed rows: the build's own minor, else the whole major, else the lowest later minor, else the highest. */
function nearest<R extends StreamRow>(rows: readonly R[], { minor }: BuildStream): R | undefined {
  if (rows.length < 2) return rows[0];
  const rank = (row: R) => {
    const { minor: rowMinor } = row.kind;
    if (rowMinor === undefined) return 1;
    if (rowMinor === minor) return 0;
    return rowMinor > (minor ?? 0) ? 2 + rowMinor : 1000 - rowMinor;
  };
  const best = Math.min(...rows.map(rank));
  return preferBinary(rows.filter((row) => rank(row) === best));
}

function minorOf({ kind }: StreamRow): number {
  return kind.minor ?? -1;
}

/** Fixes of one stream: the binary's own, else its source's, else another source's; of several the one that asks for most. */
function highest<R extends StreamRow>(fixes: readonly R[]): R | undefined {
  if (fixes.length < 2) return fixes[0];
  const binary = fixes.filter(isBinary);
  const source = fixes.filter(({ place }) => place.kind !== 'other_source');
  const own = binary.length > 0 ? binary : source.length > 0 ? source : fixes;
  return own.reduce((most, row) => (compareRpmEvr(comparable(most), comparable(row)) === -1 ? row : most));
}

/** SOURCERPM has no epoch, so a source's fixes are compared without. */
function comparable({ claim: { fixed }, place }: StreamRow): string {
  return place.kind === 'source' ? fixed!.slice(fixed!.indexOf(':') + 1) : fixed!;
}

function preferBinary<R extends StreamRow>(rows: readonly R[]): R | undefined {
  return rows.find(isBinary) ?? rows[0];
}
