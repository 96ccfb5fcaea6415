import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type FeedOutput, type Manifest, ScapfeedError, type ShardLine } from '../../model/index.ts';
import { offsetsOf, offsetsPath, readLines, sha256 } from './lines.ts';

/**
 * What a feed says of one platform, as a feed of its own: the unit of publishing. Details that all platforms share are
 * cut down to those that this one's shard names.
 */
export interface FeedPart {
  platform: string;
  manifest: Manifest;
  /** `manifest.json` as it is published; its sha256 names this state of the platform. */
  manifestText: string;
  /** A file that the part's manifest names, digest checked; offset indexes are made anew. */
  file(path: string): Buffer;
}

const detailFiles = ['index/vulnerabilities.jsonl', 'index/advisories.jsonl'] as const;

/** Cuts a feed directory into its platforms. `oval`: with OVAL and whatever else stands outside index/. */
export function splitFeed(directory: string, { oval }: { oval: boolean }): FeedPart[] {
  const manifest = readFeedManifest(directory);
  const outputs = new Map(manifest.outputs.map((output) => [output.path, output]));
  const details = detailFiles.map((path) => openDetails(path, readOutput(directory, outputs, path)));
  return manifest.platforms.map(({ id }) => {
    const own = manifest.outputs.filter(({ path }) => belongsTo(path, id) && (oval || isIndex(path)));
    const shard = readOutput(directory, outputs, `index/${id}.jsonl`);
    const named = namedDetails(shard, `index/${id}.jsonl`);
    const subsets = new Map(details.map(({ path, subset }) => [path as string, subset(named)]));
    return makePart(manifest, id, own, subsets, (path) => readOutput(directory, outputs, path));
  });
}

/** Files that speak of no single platform and are not details: what a publish leaves out, and must tell. */
export function unownedFiles({ platforms, outputs }: Manifest): string[] {
  const shared = new Set<string>(detailFiles.flatMap((path) => [path, offsetsPath(path)]));
  const owned = (path: string) => shared.has(path) || platforms.some(({ id }) => belongsTo(path, id));
  return outputs.map(({ path }) => path).filter((path) => !owned(path));
}

/** Whether a file of a feed speaks of this platform alone: its name begins with the platform's id. */
export function belongsTo(path: string, platform: string): boolean {
  return basename(path).startsWith(`${platform}.`);
}

/** The manifest of a part with only these files: what a receiver installs. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}

export function readFeedManifest(directory: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as Manifest;
  } catch (cause) {
    throw new ScapfeedError({
      code: 'FEED_MISSING',
      message: 'no feed here: expected a manifest.json',
      where: directory,
      remedy: 'make a feed with `scapfeed build`',
      cause,
    });
  }
}

/** Keys of the vulnerabilities and advisories that a shard's claims name. */
export function namedDetails(shard: Buffer, path: string): ReadonlySet<string> {
  const named = new Set<string>();
  for (const { start, end } of readLines(shard, path)) {
    const { claims } = JSON.parse(shard.toString('utf8', start, end)) as ShardLine;
    for (const { ids, advisories } of claims) {
      for (const id of ids) named.add(id);
      for (const advisory of advisories ?? []) named.add(advisory);
    }
  }
  return named;
}

/** Those lines of a detail file whose keys are named, in their order. */
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
  return {
    platform: id,
    manifest: restricted,
    manifestText: manifestText(restricted),
    file: (path) => made.get(path) ?? read(path),
  };
}

function restrict(manifest: Manifest, id: string, outputs: readonly FeedOutput[]): Manifest {
  const platforms = manifest.platforms.filter((platform) => platform.id === id);
  const source = platforms[0]!.source;
  return {
    ...manifest,
    inputs: manifest.inputs.filter((input) => input.source === source),
    sources: manifest.sources.filter((known) => known.id === source),
    platforms,
    outputs: [...outputs].sort((a, b) => (a.path < b.path ? -1 : 1)),
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
  const bytes = output && readWhole(join(directory, path));
  if (bytes && sha256(bytes) === output.sha256) return bytes;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'a file of the feed is absent or does not have the sha256 that the manifest gives',
    where: join(directory, path),
    remedy: 'build or pull the feed again; this copy must not be used',
  });
}

function readWhole(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function describe(path: string, content: Buffer): FeedOutput {
  return { path, sha256: sha256(content), size: content.length };
}

function isIndex(path: string): boolean {
  return path.startsWith('index/');
}
