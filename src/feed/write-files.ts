import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileDigest } from '../io/digest.ts';
import type { FeedOutput, Manifest } from '../model/feed/index.ts';
import { type ManifestParts, makeManifest } from '../model/feed/make-manifest.ts';
import { compareCodeUnits } from '../model/order.ts';
import type { Progress } from '../model/progress.ts';
import type { CopyFormat } from '../oval/document/copies.ts';
import type { TableSchema } from '../sources/contract.ts';
import { checkIndexFile } from '../validate/feed-files.ts';
import { assertSchema } from '../validate/json-schema.ts';
import { writeDataStream } from '../xccdf/index.ts';
import type { BoundContent } from './bind-content.ts';
import { type Compiled, writeCompiled } from './compile/index.ts';
import { ovalContent, type PlatformOval, type PlatformsInWork, startPlatforms } from './oval/index.ts';

interface WriteOptions {
  toolVersion: string;
  copies?: readonly CopyFormat[];
  progress: Progress;
}

/** Writes the index files and checks each of their lines on disk. */
export async function writeIndex(
  root: string,
  compiled: Compiled,
  tables: readonly TableSchema[],
): Promise<ReturnType<typeof writeCompiled>> {
  const index = writeCompiled(root, compiled);
  for (const { path } of index.outputs) await checkIndexFile(root, path, tables);
  return index;
}

export function startOval(
  root: string,
  { indexes, details }: Compiled,
  { toolVersion, progress, copies = [] }: WriteOptions,
): PlatformsInWork {
  const folder = join(root, 'oval');
  mkdirSync(folder);
  return startPlatforms(indexes, details, folder, { toolVersion, copies, progress });
}

export function ovalOutputs(written: readonly PlatformOval[]): FeedOutput[] {
  const outputs = written.flatMap((platform) => platform.outputs);
  return outputs
    .map(({ name, ...digest }) => ({ path: `oval/${name}`, ...digest }))
    .sort((a, b) => compareCodeUnits(a.path, b.path));
}

/** Writes a data stream for each platform that has OVAL: products that OVAL cannot distinguish have an index only. */
export async function writeDataStreams(
  root: string,
  { indexes }: Compiled,
  written: readonly PlatformOval[],
  { toolVersion, progress }: WriteOptions,
): Promise<FeedOutput[]> {
  const folder = join(root, 'scap');
  mkdirSync(folder);
  const withOval = new Set(written.flatMap(({ report }) => (report.files.length > 0 ? report.platform : [])));
  const chosen = indexes.filter(({ platform }) => withOval.has(platform.id));
  for (const [done, index] of chosen.entries()) {
    progress('writing data streams', { done, total: chosen.length, unit: 'platforms' });
    await writeDataStream(index, folder, { toolVersion, oval: ovalContent(index) });
  }
  return outputsOf(root, 'scap');
}

/** Writes the benchmarks that the feed carries. */
export async function writeContent(root: string, contents: readonly BoundContent[]): Promise<FeedOutput[]> {
  if (contents.length === 0) return [];
  mkdirSync(join(root, 'content'));
  for (const { entry, bytes } of contents) writeFileSync(join(root, entry.path), bytes());
  return outputsOf(root, 'content');
}

async function outputsOf(root: string, folder: string): Promise<FeedOutput[]> {
  const outputs: FeedOutput[] = [];
  for (const name of readdirSync(join(root, folder)).sort()) {
    const path = `${folder}/${name}`;
    outputs.push({ path, ...(await fileDigest(join(root, path))) });
  }
  return outputs;
}

/** Checks the manifest by its schema and writes it, as the last file. */
export function writeManifest(root: string, parts: ManifestParts): Manifest {
  const manifest = makeManifest(parts);
  assertSchema('manifest', manifest, 'manifest.json');
  writeFileSync(join(root, 'manifest.json'), `${JSON.stringify(manifest, undefined, 1)}\n`);
  return manifest;
}
