import type { ExportRow } from '../../../export/rows/rows.ts';
import type { Feed } from '../../../feed/read/feed.ts';
import { platformBinaries, shardLines } from '../../../feed/read/whole-file.ts';
import type { ShardClaim, ShardLine } from '../../../model/feed/index.ts';
import { type Architectures, byArchitecture } from '../rule/architectures.ts';
import { cpeCovers, parseCpe } from '../rule/cpe.ts';
import {
  type BuildStream,
  type ImageStreams,
  type RowKind,
  type StreamRow,
  streamThreshold,
} from '../rule/threshold.ts';
import { groupsOf } from './groups.ts';

/** The systems of one stream of updates, as the rule reads them. */
export interface RowStream {
  /** Streams that packages are installed from. */
  image: ImageStreams;
  /** Minor of their builds; undefined: whatever it is. */
  minor?: number;
  /** The CPE of a layered product whose rows apply to them. */
  layer?: string;
}

/** Systems of a release without any channel. */
export const mainChannel: RowStream = { image: { minor: undefined, channels: new Set(), pinned: false } };

/** A stream with its index among those of the layout. */
export interface PlacedStream {
  at: number;
  stream: RowStream;
}

/** A claim, as the rule reads it, and its place. */
interface Row extends StreamRow {
  claim: ShardClaim;
  kind: ShardClaim;
}

/** A decision about a binary, and the streams whose systems it holds for. */
export interface BinaryRow extends ExportRow {
  /** Indexes of streams. */
  streams: readonly number[];
  /** The rule decides otherwise for builds or images of some minors. */
  byMinor?: true;
  /** The rule decides otherwise for noarch builds, to which `arch` does not limit it in every scanner. */
  notForNoarch?: true;
}

/** The statements about a binary package on the streams of one platform. */
export interface BinaryRows {
  name: string;
  rows: readonly BinaryRow[];
  /** The source's rows are written for the name of the source alone: no document shows its binaries. */
  guessed: boolean;
  /** It is built from several sources, and nothing shows from which of them a build is. */
  severalSources: boolean;
}

/**
 * Statements may be about sources; most scanners look up binaries by name. The rows of a platform, decided for each of
 * its streams, binary by binary in the order of their names: the binary's own rows with those of the sources it is built
 * from.
 */
export function* binaryRows(
  feed: Feed,
  platform: string,
  streams: readonly PlacedStream[],
): Generator<BinaryRows> {
  const lines = new Map<string, ShardLine>();
  for (const line of shardLines(feed, platform)) {
    if (!line.package.startsWith('oci:')) lines.set(line.package, line);
  }
  const { sourcesOf, known } = sourcesByBinary(feed, platform, lines);
  const bySource = new Map<string, readonly BinaryRow[]>();
  for (const name of [...sourcesOf.keys()].sort()) {
    const sources = sourcesOf.get(name)!;
    const own = rowsIn(lines.get(name), 'binary');
    const [only] = sources;
    const shared = own.length === 0 && sources.length === 1 ? bySource.get(only!) : undefined;
    const rows =
      shared ??
      decidedRows([...own, ...sources.flatMap((source) => rowsIn(lines.get(source), 'source'))], streams);
    if (own.length === 0 && sources.length === 1) bySource.set(only!, rows);
    const guessed = sources.includes(name) && !known.has(name);
    yield { name, rows, guessed, severalSources: sources.length > 1 };
  }
}

/** Every binary with rows, by name, with the sources whose rows apply to it. */
function sourcesByBinary(feed: Feed, platform: string, lines: ReadonlyMap<string, ShardLine>) {
  const sourcesOf = new Map<string, string[]>();
  const known = new Set<string>();
  const add = (binary: string, source: string) => {
    const sources = sourcesOf.get(binary) ?? [];
    sourcesOf.set(binary, sources);
    sources.push(source);
  };
  for (const { source, binaries } of platformBinaries(feed, platform)) {
    known.add(source);
    for (const binary of binaries) add(binary, source);
  }
  for (const [name, { claims }] of lines) {
    const isSource = claims.some(({ subject }) => subject !== 'binary');
    if (isSource && !known.has(name)) add(name, name);
    if (!sourcesOf.has(name) && claims.some(({ subject }) => subject === 'binary')) sourcesOf.set(name, []);
  }
  return { sourcesOf, known };
}

function rowsIn(line: ShardLine | undefined, kind: 'binary' | 'source'): Row[] {
  if (!line) return [];
  const wanted = line.claims.filter(({ subject }) => (subject === 'binary') === (kind === 'binary'));
  return wanted.map((claim) => ({
    claim,
    kind: claim,
    place: { name: line.package, kind: kind as RowKind },
  }));
}

function decidedRows(rows: readonly Row[], streams: readonly PlacedStream[]): readonly BinaryRow[] {
  return groupsOf(rows).flatMap(({ of, ids }) => {
    const modules = new Set(of.map(({ claim }) => claim.module));
    return [...modules].flatMap((module) => {
      const ofModule = of.filter(({ claim }) => claim.module === module);
      return byArchitecture(ofModule).flatMap(({ arch, rows: own }) =>
        byOutcome(own, streams).map(({ row, places }) => ({
          ...row,
          ids,
          ...(dependsOnMinor(own, row) ? { byMinor: true as const } : {}),
          ...(arch === undefined || isNamed('noarch', arch) ? {} : { notForNoarch: true as const }),
          ...(module === undefined ? {} : { module }),
          ...(arch === undefined ? {} : { arch: archesOf(arch) }),
          streams: places,
        })),
      );
    });
  });
}

/** Architectures of rpms. */
const architectures = ['aarch64', 'i686', 'noarch', 'ppc64', 'ppc64le', 's390', 's390x', 'x86_64'];

function archesOf(arch: Architectures): readonly string[] {
  return 'of' in arch ? arch.of : architectures.filter((name) => isNamed(name, arch));
}

function isNamed(name: string, arch: Architectures): boolean {
  return 'of' in arch ? arch.of.includes(name) : !arch.otherThan.includes(name);
}

/** The outcome for each stream; streams with the same one share a row. */
function byOutcome(
  rows: readonly Row[],
  streams: readonly PlacedStream[],
): { row: ExportRow; places: number[] }[] {
  const outcomes = new Map<string, { row: ExportRow; places: number[] }>();
  for (const { at, stream } of streams) {
    const row = outcomeOf(rows, stream);
    if (!row) continue;
    const key = JSON.stringify(row);
    const known = outcomes.get(key);
    if (known) known.places.push(at);
    else outcomes.set(key, { row, places: [at] });
  }
  return [...outcomes.values()];
}

/** True if builds or images on the main channel are judged in another way, by their minor. */
function dependsOnMinor(rows: readonly Row[], { fixed, status, fixState }: ExportRow): boolean {
  if (rows.length < 2) return false;
  const named = rows.flatMap(({ claim: { minor } }) => minor ?? []);
  const minors =
    named.length === 0 ? [] : Array.from({ length: Math.max(...named) + 2 }, (_, minor) => minor);
  return minors.some((minor) =>
    [true, false].some((own) => {
      const other = outcomeOf(rows, mainChannel, { minor, own });
      return other?.fixed !== fixed || other?.status !== status || other?.fixState !== fixState;
    }),
  );
}

function outcomeOf(rows: readonly Row[], stream: RowStream, ofBuild?: BuildStream): ExportRow | undefined {
  const build = ofBuild ?? { minor: stream.minor, own: false };
  const threshold = streamThreshold(rowsOn(rows, stream), build, stream.image);
  if (!threshold?.below) return undefined;
  const { fixes, below } = threshold;
  const { claim } = below.row;
  const fix = fixes[0]?.claim;
  return {
    ids: [],
    ...(fix?.fixed === undefined ? {} : { fixed: fix.fixed }),
    status: below.status,
    ...(below.fixState === undefined ? {} : { fixState: below.fixState }),
    severity: claim.severity ?? 'unknown',
    ...(claim.reason === undefined ? {} : { reason: claim.reason }),
    advisories: (fix ?? claim).advisories ?? [],
  };
}

/** Rows of layered products apply to the systems whose CPE theirs covers. */
function rowsOn(rows: readonly Row[], { layer }: RowStream): readonly Row[] {
  const own = layer === undefined ? undefined : parseCpe(layer);
  return rows.filter(({ claim }) => {
    if (claim.channel?.startsWith('cpe:') !== true) return true;
    const cpe = parseCpe(claim.channel);
    return own !== undefined && cpe !== undefined && cpeCovers(cpe, own);
  });
}
