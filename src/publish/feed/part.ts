import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { judges } from '../../distros/judges.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readWhole } from '../../io/read-whole.ts';
import { recoverDirectory } from '../../io/staging.ts';
import { refusedAccess } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';
import { type FeedOutput, isContentPath, type Manifest, manifestFault } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { type AssessmentPartName, assessmentParts, partSources } from '../../published/assessment-parts.ts';
import { belongsTo, shardPath } from '../../published/names.ts';
import { offsetsOf, offsetsPath, readLines, sha256 } from './lines.ts';
import { type PlatformFiles, readShard } from './shard.ts';

/**
 * The part of a feed about one platform, as a feed of its own: the unit of publishing. Of the details that all platforms
 * share it has those that its shard names; tables of its source (`index/redhat-repositories.jsonl`) are whole.
 */
export interface FeedPart extends PlatformFiles {
  manifest: Manifest;
  /** `manifest.json` as published; its sha256 identifies this state of the platform. */
  manifestText: string;
  /** Reads a file that the manifest names, and checks its digest; OVAL is too large to keep in memory. */
  load(path: string): Promise<Buffer>;
}

const detailFiles: readonly string[] = ['index/vulnerabilities.jsonl', 'index/advisories.jsonl'];

/** Optional parts of a feed, besides its index. */
export interface WantedParts {
  /** OVAL and data streams. */
  oval: boolean;
  /** Benchmarks. */
  content: boolean;
}

/** True for the files that are wanted: the index always is. */
export function isWanted(path: string, { oval, content }: WantedParts): boolean {
  if (isIndex(path)) return true;
  return isContentPath(path) ? content : oval;
}

/** Splits a feed directory into its platforms, and the parts that they share. */
export function splitFeed(directory: string, wanted: WantedParts): FeedPart[] {
  const manifest = readFeedManifest(directory);
  const outputs = new Map(manifest.outputs.map((output) => [output.path, output]));
  const details = detailFiles.map((path) => openDetails(path, readOutput(directory, outputs, path)));
  const ids = manifest.platforms.map(({ id }) => id);
  const read = (path: string) => readOutput(directory, outputs, path);
  const platforms = manifest.platforms.map(({ id, source, os }) => {
    // No image is identified by a layered product, so that nothing looks up tables for it.
    const needsTables = judges.some((judge) => judge.id === os.id);
    const own = manifest.outputs.filter(
      ({ path }) =>
        (needsTables && isTable(path, source, ids)) ||
        (isWanted(path, wanted) && isOwn(path, id, manifest) && !isCopy(path)),
    );
    const named = namedDetails(read(shardPath(id)));
    const subsets = new Map(details.map(({ path, subset }) => [path, subset(named)]));
    return makePart(manifest, id, own, subsets, read);
  });
  return [...platforms, ...assessmentParts.flatMap((part) => assessmentPart(manifest, part, read))];
}

/** A part without platforms; none, if the feed has neither its file nor a source of it. */
function assessmentPart(
  manifest: Manifest,
  part: AssessmentPartName,
  read: (path: string) => Buffer,
): FeedPart | [] {
  const own = manifest.outputs.filter(({ path }) => belongsTo(path, part));
  const { content: _, ...rest } = manifest;
  const from = (source: string) => partSources(part).includes(source);
  const sources = manifest.sources.filter(({ id }) => from(id));
  if (own.length === 0 && sources.length === 0) return [];
  const restricted: Manifest = {
    ...rest,
    inputs: manifest.inputs.filter(({ source }) => from(source)),
    sources,
    platforms: [],
    outputs: own,
  };
  return {
    platform: part,
    manifest: restricted,
    manifestText: manifestText(restricted),
    file: read,
    load: async (path) => read(path),
  };
}

/** Files that belong to no single platform and are neither details nor tables: a publish leaves them out and reports them. */
export function unownedFiles(manifest: Manifest): string[] {
  const { platforms, outputs } = manifest;
  const ids = platforms.map(({ id }) => id);
  const owned = (path: string) =>
    isDetail(path) ||
    assessmentParts.some((part) => belongsTo(path, part)) ||
    platforms.some(({ id, source }) => isOwn(path, id, manifest) || isTable(path, source, ids));
  return outputs.map(({ path }) => path).filter((path) => !owned(path));
}

/** True for files of details that platforms of all sources share, and their offset indexes. */
export function isDetail(path: string): boolean {
  return detailFiles.some((lines) => path === lines || path === offsetsPath(lines));
}

/**
 * True for another table of a source, and its offset index: it is named after the source, and after none of the existing
 * platforms.
 */
export function isTable(path: string, source: string, platforms: readonly string[]): boolean {
  const named = path.startsWith(`index/${source}-`) && /\.(jsonl|offsets\.json)$/.test(path);
  return named && !platforms.some((platform) => belongsTo(path, platform));
}

/** True for files about this platform: those with its name, and the benchmarks that the manifest binds to it. */
export function isOwn(path: string, platform: string, { content = [] }: Pick<Manifest, 'content'>): boolean {
  if (!isContentPath(path)) return belongsTo(path, platform);
  return content.some((entry) => entry.path === path && entry.platforms.includes(platform));
}

/** The manifest of a part with only these files, as a client installs it. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}

export function readFeedManifest(directory: string): Manifest {
  const path = join(directory, 'manifest.json');
  // A build that was killed between its two renames leaves the feed under its other name.
  if (!existsSync(path)) recoverDirectory(directory);
  let manifest: Manifest;
  try {
    manifest = parseForeignJson(readWhole(path).toString('utf8')) as Manifest;
  } catch (cause) {
    throw new ScapfeedError({
      code: 'FEED_MISSING',
      message: 'no feed here: expected a manifest.json',
      where: directory,
      remedy: 'make a feed with `scapfeed build`, or specify the folder of one',
      ...refusedAccess(cause, 'the feed'),
      cause,
    });
  }
  const fault = manifestFault(manifest);
  if (fault === undefined) return manifest;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'the manifest lacks required fields',
    where: `${path}#${fault}`,
    remedy: 'build the feed again',
  });
}

/** Keys of the vulnerabilities and advisories that a shard's claims name. */
export function namedDetails(shard: Buffer): ReadonlySet<string> {
  const named = new Set<string>();
  for (const { claims } of readShard(shard)) {
    for (const { ids, advisories } of claims) {
      for (const id of ids) named.add(id);
      for (const advisory of advisories ?? []) named.add(advisory);
    }
  }
  return named;
}

/** The lines of a detail file whose keys are named, in their order. */
export function subsetOf(content: Buffer, path: string, named: ReadonlySet<string>): Buffer {
  return openDetails(path, content).subset(named);
}

function makePart(
  manifest: Manifest,
  id: string,
  own: readonly FeedOutput[],
  subsets: ReadonlyMap<string, Buffer>,
  read: (path: string) => Buffer,
): FeedPart {
  const made = new Map<string, Buffer>();
  for (const [path, content] of subsets) {
    made.set(path, content);
    made.set(offsetsPath(path), offsetsOf(content, path));
  }
  const outputs = [...own, ...[...made].map(([path, content]) => describe(path, content))];
  const restricted = restrict(manifest, id, outputs);
  const file = (path: string) => made.get(path) ?? read(path);
  return {
    platform: id,
    manifest: restricted,
    manifestText: manifestText(restricted),
    file,
    load: async (path) => file(path),
  };
}

function restrict(manifest: Manifest, id: string, outputs: readonly FeedOutput[]): Manifest {
  const platforms = manifest.platforms.filter((platform) => platform.id === id);
  const source = platforms[0]!.source;
  const { content: all = [], ...rest } = manifest;
  const paths = new Set(outputs.map(({ path }) => path));
  const content = all.filter(({ path }) => paths.has(path)).map((entry) => ({ ...entry, platforms: [id] }));
  const fromContent = new Set(content.map(({ input }) => input));
  const contentSources = new Set(
    manifest.inputs.filter((input) => fromContent.has(input.id)).map((input) => input.source),
  );
  return {
    ...rest,
    inputs: manifest.inputs.filter((input) => input.source === source || fromContent.has(input.id)),
    sources: manifest.sources.filter((known) => known.id === source || contentSources.has(known.id)),
    platforms,
    outputs: [...outputs].sort((a, b) => compareCodeUnits(a.path, b.path)),
    ...(content.length > 0 ? { content } : {}),
  };
}

function openDetails(path: string, content: Buffer) {
  const lines = readLines(content, path);
  return {
    path,
    subset(named: ReadonlySet<string>): Buffer {
      const kept = lines.filter(({ key }) => named.has(key));
      return Buffer.concat(kept.map(({ start, end }) => content.subarray(start, end + 1)));
    },
  };
}

function readOutput(directory: string, outputs: ReadonlyMap<string, FeedOutput>, path: string): Buffer {
  const output = outputs.get(path);
  const bytes = output && readSized(join(directory, path), output.size);
  if (bytes && sha256(bytes) === output.sha256) return bytes;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'a file of the feed is absent or does not have the sha256 that the manifest gives',
    where: join(directory, path),
    remedy: 'build or pull the feed again; this copy must not be used',
  });
}

/** Undefined also for what cannot be the file: a device has no end. */
function readSized(path: string, size: number): Buffer | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size === size ? readWhole(path) : undefined;
  } catch {
    return undefined;
  }
}

function describe(path: string, content: Buffer): FeedOutput {
  return { path, sha256: sha256(content), size: content.length };
}

/** A compressed copy of a document; targets are compressed themselves. */
function isCopy(path: string): boolean {
  return /\.xml\.[a-z0-9]+$/.test(path);
}

function isIndex(path: string): boolean {
  return path.startsWith('index/');
}
