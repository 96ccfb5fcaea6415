import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Collector,
  type Compiled,
  compareCodeUnits,
  compile,
  makeManifest,
  newestDate,
  writeCompiled,
} from '../compile/index.ts';
import { fileDigest } from '../io/digest.ts';
import { stageDirectory } from '../io/staging.ts';
import type { FeedInput, FeedOutput, FeedSource, Manifest, PlatformIndex } from '../model/index.ts';
import { type CopyFormat, type OvalReport, writePlatforms } from '../oval/index.ts';
import type { Source } from '../sources/contract.ts';
import type { Snapshot, SnapshotStore } from '../sources/snapshots.ts';
import { checkIndexFile } from '../validate/feed-files.ts';
import { assertSchema } from '../validate/json-schema.ts';
import { writeDataStream } from '../xccdf/index.ts';
import { toolVersion } from './version.ts';

/** A source with the snapshots that this build reads of it. */
export interface BuildInput {
  source: Source;
  snapshots: readonly Snapshot[];
}

export interface BuildOptions {
  inputs: readonly BuildInput[];
  store: SnapshotStore;
  /** The feed's directory; replaced as a whole, and only when everything went well. */
  out: string;
  /** Only these platforms; default all that the sources have. */
  platforms?: readonly string[];
  oval: boolean;
  /** Also SCAP source data streams of those platforms that have OVAL. */
  dataStreams?: boolean;
  /** Compressed copies beside each OVAL file. */
  copies?: readonly CopyFormat[];
  /** ISO 8601 UTC; default: date of the newest input. */
  created?: string;
  progress(text: string): void;
}

export interface BuildOutcome {
  manifest: Manifest;
  oval: readonly OvalReport[];
}

/**
 * Snapshots -> statements -> index and OVAL -> one directory that is put in the old one's place at the end.
 * Whatever fails, the last good feed stays as it was.
 */
export async function buildFeed(options: BuildOptions): Promise<BuildOutcome> {
  const { inputs, progress } = options;
  const feedInputs = inputs.flatMap(({ snapshots }) => snapshots.map(feedInput));
  const { compiled, sources } = await compileSources(options, feedInputs);
  const staging = stageDirectory(options.out);
  try {
    const index = writeCompiled(staging.path, compiled);
    const oval = options.oval ? await writeAllOval(staging.path, compiled, options) : undefined;
    const withOval = oval
      ? compiled.indexes.filter(({ platform }) => hasFiles(oval.reports, platform.id))
      : [];
    const streams = options.dataStreams ? await writeAllStreams(staging.path, withOval, progress) : [];
    const manifest = makeManifest({
      toolVersion,
      created: options.created ?? newestDate(feedInputs),
      inputs: feedInputs,
      sources,
      platforms: index.platforms,
      outputs: [...index.outputs, ...(oval?.outputs ?? []), ...streams],
    });
    progress('checking what was written');
    assertSchema('manifest', manifest, 'manifest.json');
    for (const { path } of index.outputs) await checkIndexFile(staging.path, path);
    writeFileSync(join(staging.path, 'manifest.json'), `${JSON.stringify(manifest, undefined, 1)}\n`);
    staging.commit();
    return { manifest, oval: oval?.reports ?? [] };
  } catch (error) {
    staging.discard();
    throw error;
  }
}

/** The collectors, which hold all that was read, are gone when this returns. */
async function compileSources(
  options: BuildOptions,
  feedInputs: readonly FeedInput[],
): Promise<{ compiled: Compiled; sources: FeedSource[] }> {
  const collectors = await readSources(options);
  options.progress('compiling the index');
  const compiled = compile(collectors, feedInputs);
  return {
    compiled,
    sources: options.inputs.map(({ source }, at) => feedSource(source, collectors[at]!)),
  };
}

async function readSources({ inputs, store, platforms, progress }: BuildOptions): Promise<Collector[]> {
  const collectors: Collector[] = [];
  for (const { source, snapshots } of inputs) {
    progress(`reading ${source.name}`);
    const collector = new Collector(source.id);
    await source.read(snapshots, store, collector);
    if (platforms) collector.keep((platform) => platforms.includes(platform.id));
    collectors.push(collector);
  }
  return collectors;
}

async function writeAllOval(
  root: string,
  { indexes, details }: Compiled,
  { progress, copies = [] }: BuildOptions,
): Promise<{ outputs: FeedOutput[]; reports: OvalReport[] }> {
  const folder = join(root, 'oval');
  mkdirSync(folder);
  const written = await writePlatforms(indexes, details, folder, { toolVersion, copies, progress });
  const outputs = written.flatMap((platform) => platform.outputs);
  return {
    outputs: outputs.map(({ name, ...digest }) => ({ path: `oval/${name}`, ...digest })).sort(byPath),
    reports: written.map(({ report }) => report),
  };
}

function byPath(a: FeedOutput, b: FeedOutput): number {
  return compareCodeUnits(a.path, b.path);
}

async function writeAllStreams(
  root: string,
  indexes: readonly PlatformIndex[],
  progress: (text: string) => void,
): Promise<FeedOutput[]> {
  const folder = join(root, 'scap');
  mkdirSync(folder);
  for (const index of indexes) {
    progress(`writing the data stream of ${index.platform.id}`);
    await writeDataStream(index, folder, { toolVersion });
  }
  return outputsOf(root, 'scap');
}

/** Products that OVAL cannot tell from each other have an index only. */
function hasFiles(reports: readonly OvalReport[], platform: string): boolean {
  return reports.some((report) => report.platform === platform && report.files.length > 0);
}

async function outputsOf(root: string, folder: string): Promise<FeedOutput[]> {
  const outputs: FeedOutput[] = [];
  for (const name of readdirSync(join(root, folder)).sort()) {
    const path = `${folder}/${name}`;
    outputs.push({ path, ...(await fileDigest(join(root, path))) });
  }
  return outputs;
}

function feedInput({ id, source, url, sha256, size, fetched, lastModified }: Snapshot): FeedInput {
  return {
    id,
    source,
    url,
    sha256,
    size,
    fetched,
    ...(lastModified ? { lastModified: isoTime(lastModified) } : {}),
  };
}

// Snapshots keep Last-Modified as the server wrote it, to send it back; a manifest has ISO 8601 (RFC 9110 5.6.7).
function isoTime(httpDate: string): string {
  return new Date(httpDate).toISOString().replace('.000Z', 'Z');
}

function feedSource({ id, name, licence, attribution }: Source, { ledger }: Collector): FeedSource {
  return {
    id,
    name,
    licence,
    attribution,
    records: ledger.records,
    used: ledger.used,
    dropped: ledger.dropped,
    findings: ledger.findings(),
  };
}
