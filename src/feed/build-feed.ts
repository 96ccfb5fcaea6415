import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileDigest } from '../io/digest.ts';
import { releaseMemory } from '../io/memory.ts';
import { stageDirectory } from '../io/staging.ts';
import {
  compareCodeUnits,
  type FeedInput,
  type FeedOutput,
  type FeedPlatform,
  type FeedSource,
  type Manifest,
  manifestFault,
  type PlatformIndex,
  type ScapfeedError,
} from '../model/index.ts';
import type { CopyFormat } from '../oval/document/copies.ts';
import type { Source } from '../sources/contract.ts';
import type { SnapshotStore, SourceInput } from '../sources/snapshots.ts';
import { checkIndexFile } from '../validate/feed-files.ts';
import { assertSchema } from '../validate/json-schema.ts';
import { writeDataStream } from '../xccdf/index.ts';
import {
  type Collector,
  type Compiled,
  compile,
  makeManifest,
  newestDate,
  writeCompiled,
} from './compile/index.ts';
import {
  type OvalReport,
  ovalContent,
  type PlatformOval,
  type PlatformsInWork,
  startPlatforms,
} from './oval/index.ts';
import { readSources, type SourceReading } from './read-sources.ts';
import { requirePlatforms } from './require-platforms.ts';
import { type Shrinkage, shrinkages } from './shrinkage.ts';

/** A source with the snapshots that this build reads. */
export interface BuildInput {
  source: Source;
  snapshots: readonly SourceInput[];
  /** The error because of which its last good snapshots, or none, are used. */
  failed?: ScapfeedError | { code: string };
}

export interface BuildOptions {
  /** For the manifest and the documents. */
  toolVersion: string;
  inputs: readonly BuildInput[];
  store: SnapshotStore;
  /** Returns what to read instead if a source's snapshots cannot be read; default: the build fails. */
  fallBack?(source: Source, error: ScapfeedError): Promise<BuildInput>;
  /** The feed's directory; replaced as a whole, and only if everything succeeded. */
  out: string;
  /** Build only these platforms; default: all that the sources have. */
  platforms?: readonly string[];
  oval: boolean;
  /** Also write SCAP source data streams for platforms that have OVAL. */
  dataStreams?: boolean;
  /** Compressed copies beside each OVAL file. */
  copies?: readonly CopyFormat[];
  /** ISO 8601 UTC; default: the date of the newest input, from its documents. */
  created?: string;
  progress(text: string): void;
}

export interface BuildOutcome {
  manifest: Manifest;
  oval: readonly OvalReport[];
  /** The snapshots that the feed was built from. */
  snapshots: readonly SourceInput[];
  /** What is far less than in the feed that was in its place. */
  shrunk: readonly Shrinkage[];
}

/**
 * Builds a feed: snapshots -> statements -> index and OVAL -> one directory that replaces the old one at the end.
 * If anything fails, the last good feed stays as it was.
 */
export async function buildFeed(options: BuildOptions): Promise<BuildOutcome> {
  const { compiled, sources, inputs, snapshots } = await compileSources(options);
  releaseMemory();
  const staging = stageDirectory(options.out);
  try {
    const { platforms, outputs, oval } = await writeFeed(staging.path, compiled, options);
    const manifest = makeManifest({
      toolVersion: options.toolVersion,
      created: options.created ?? newestDate(inputs),
      inputs,
      sources,
      platforms,
      outputs,
    });
    assertSchema('manifest', manifest, 'manifest.json');
    writeFileSync(join(staging.path, 'manifest.json'), `${JSON.stringify(manifest, undefined, 1)}\n`);
    const last = lastManifest(options.out);
    staging.commit();
    return { manifest, oval, snapshots, shrunk: last ? shrinkages(last, manifest) : [] };
  } catch (error) {
    staging.discard();
    throw error;
  }
}

/** The manifest of the feed that is replaced, if it can be read. */
function lastManifest(out: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    return manifestFault(manifest) === undefined ? (manifest as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

interface WrittenFeed {
  platforms: readonly FeedPlatform[];
  outputs: readonly FeedOutput[];
  oval: readonly OvalReport[];
}

/** Writes all files but the manifest. A second thread begins the OVAL while this one writes the index. */
async function writeFeed(root: string, compiled: Compiled, options: BuildOptions): Promise<WrittenFeed> {
  const oval = options.oval ? startOval(root, compiled, options) : undefined;
  try {
    options.progress('writing the index');
    const index = await writeIndex(root, compiled);
    const written = (await oval?.finish()) ?? [];
    const withOval = compiled.indexes.filter(({ platform }) => hasFiles(written, platform.id));
    const streams = options.dataStreams ? await writeAllStreams(root, withOval, options) : [];
    return {
      platforms: index.platforms,
      outputs: [...index.outputs, ...ovalOutputs(written), ...streams],
      oval: written.map(({ report }) => report),
    };
  } finally {
    await oval?.stop();
  }
}

/** A function of its own, so that the collectors, which hold all that was read, are garbage when it returns. */
async function compileSources(
  options: BuildOptions,
): Promise<{ compiled: Compiled; sources: FeedSource[]; inputs: FeedInput[]; snapshots: SourceInput[] }> {
  const readings = await readSources(options);
  const inputs = readings.flatMap(({ input, collector }) =>
    input.snapshots.map((snapshot) => feedInput(snapshot, collector)),
  );
  if (inputs.length === 0) throw readings[0]?.input.failed;
  requirePlatforms(readings, options.platforms);
  options.progress('compiling the index');
  const collectors = readings.map(({ collector }) => collector);
  const compiled = compile(collectors, inputs);
  return {
    compiled,
    inputs,
    snapshots: readings.flatMap(({ input }) => input.snapshots),
    sources: readings.map(feedSource),
  };
}

function startOval(
  root: string,
  compiled: Compiled,
  { toolVersion, progress, copies = [] }: BuildOptions,
): PlatformsInWork {
  const folder = join(root, 'oval');
  mkdirSync(folder);
  const { indexes, details } = compiled;
  return startPlatforms(indexes, details, folder, { toolVersion, copies, progress });
}

function ovalOutputs(written: readonly PlatformOval[]): FeedOutput[] {
  const outputs = written.flatMap((platform) => platform.outputs);
  return outputs.map(({ name, ...digest }) => ({ path: `oval/${name}`, ...digest })).sort(byPath);
}

/** Writes the index files and checks each of their lines on disk. */
async function writeIndex(root: string, compiled: Compiled): Promise<ReturnType<typeof writeCompiled>> {
  const index = writeCompiled(root, compiled);
  for (const { path } of index.outputs) await checkIndexFile(root, path);
  return index;
}

function byPath(a: FeedOutput, b: FeedOutput): number {
  return compareCodeUnits(a.path, b.path);
}

async function writeAllStreams(
  root: string,
  indexes: readonly PlatformIndex[],
  { toolVersion, progress }: BuildOptions,
): Promise<FeedOutput[]> {
  const folder = join(root, 'scap');
  mkdirSync(folder);
  for (const index of indexes) {
    progress(`writing the data stream of ${index.platform.id}`);
    await writeDataStream(index, folder, { toolVersion, oval: ovalContent(index) });
  }
  return outputsOf(root, 'scap');
}

/** Products that OVAL cannot distinguish have an index only. */
function hasFiles(written: readonly PlatformOval[], platform: string): boolean {
  return written.some(({ report }) => report.platform === platform && report.files.length > 0);
}

async function outputsOf(root: string, folder: string): Promise<FeedOutput[]> {
  const outputs: FeedOutput[] = [];
  for (const name of readdirSync(join(root, folder)).sort()) {
    const path = `${folder}/${name}`;
    outputs.push({ path, ...(await fileDigest(join(root, path))) });
  }
  return outputs;
}

function feedInput(snapshot: SourceInput, collector: Collector): FeedInput {
  const { id, source, url, sha256, size, unsigned, refused } = snapshot;
  const date = collector.dateOf(id);
  return {
    id,
    source,
    url,
    sha256,
    size,
    ...(date === undefined ? {} : { date }),
    ...(unsigned ? { unsigned } : {}),
    ...(refused ? { refused } : {}),
  };
}

function feedSource({ input: { source, failed }, collector: { ledger } }: SourceReading): FeedSource {
  const { id, name, licence, attribution } = source;
  return {
    id,
    name,
    licence,
    attribution,
    records: ledger.records,
    used: ledger.used,
    dropped: ledger.dropped,
    ...(failed === undefined ? {} : { failed: failed.code }),
    findings: ledger.findings(),
  };
}
