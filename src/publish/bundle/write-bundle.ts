import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ScapfeedError } from '../../model/index.ts';
import { encodingOf } from '../feed/encoding.ts';
import { metadataPath, openSite, type Site, targetPath } from '../site/layout.ts';
import {
  parseDocument,
  type SnapshotPart,
  type TargetInfo,
  type TargetsPart,
  type TimestampPart,
} from '../tuf/metadata.ts';
import { tarHeader, tarPadding } from './tar.ts';

export interface BundleOptions {
  /** A published folder. */
  from: string;
  file: string;
  /** Default: all. */
  platforms?: readonly string[];
  oval: boolean;
}

export interface BundleOutcome {
  file: string;
  platforms: string[];
  size: number;
}

/**
 * One tar with all that proves and makes a feed: every root, the metadata in force and the whole targets of the chosen
 * platforms, each in its smallest form. Equal folders give equal bundles.
 */
export function writeBundle(options: BundleOptions): BundleOutcome {
  const site = openSite(resolve(options.from));
  const { paths, platforms } = bundlePaths(site, options);
  const file = resolve(options.file);
  const beside = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const size = writeTar(beside, site, paths);
    renameSync(beside, file);
    return { file, platforms, size };
  } catch (cause) {
    rmSync(beside, { force: true });
    if (cause instanceof ScapfeedError) throw cause;
    throw new ScapfeedError({
      code: 'OUTPUT_NOT_WRITABLE',
      message: `the bundle cannot be written: ${cause instanceof Error ? cause.message : ''}`,
      where: file,
      remedy: 'make room or name another place with --out FILE',
      cause,
    });
  }
}

function bundlePaths(site: Site, options: BundleOptions): { paths: string[]; platforms: string[] } {
  const timestamp = read<TimestampPart>(site, metadataPath('timestamp'));
  const snapshotPath = metadataPath('snapshot', timestamp.meta['snapshot.json'].version);
  const { meta } = read<SnapshotPart>(site, snapshotPath);
  const published = Object.keys(meta)
    .map((name) => name.replace(/\.json$/, ''))
    .filter((name) => name !== 'targets' && name !== 'feed');
  const platforms = [...(options.platforms ?? published)].sort();
  const paths = [...rootPaths(site), metadataPath('timestamp'), snapshotPath];
  for (const role of ['targets', ...platforms]) {
    const info = meta[`${role}.json`];
    if (!info) throw notPublished(role, published, site.directory);
    const path = metadataPath(role, info.version);
    paths.push(path, ...wholeTargets(read<TargetsPart>(site, path).targets, options.oval));
  }
  return { paths, platforms };
}

function rootPaths(site: Site): string[] {
  const paths: string[] = [];
  for (let version = 1; site.has(metadataPath('root', version)); version++)
    paths.push(metadataPath('root', version));
  return paths;
}

/** The smallest form of each file; no deltas, as nobody knows what the other side has. */
function wholeTargets(targets: Readonly<Record<string, TargetInfo>>, oval: boolean): string[] {
  const smallest = new Map<string, [name: string, info: TargetInfo]>();
  for (const [name, info] of Object.entries(targets)) {
    const [, ...rest] = name.split('/');
    if (rest[0] === 'delta' || (!oval && rest.length > 1 && rest[0] !== 'index')) continue;
    const plain = name.slice(0, -(encodingOf(name)?.length ?? 0));
    const known = smallest.get(plain);
    if (!known || info.length < known[1].length) smallest.set(plain, [name, info]);
  }
  return [...smallest.values()].map(([name, { hashes }]) => targetPath(name, hashes.sha256)).sort();
}

function writeTar(file: string, site: Site, paths: readonly string[]): number {
  const fd = openSync(file, 'wx');
  let size = 0;
  const put = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    size += bytes.length;
  };
  try {
    for (const path of paths) {
      const content = site.read(path);
      if (!content) throw lost(path, site.directory);
      put(tarHeader(path, content.length));
      put(content);
      put(Buffer.alloc(tarPadding(content.length)));
    }
    put(Buffer.alloc(1024));
    fsyncSync(fd);
    return size;
  } finally {
    closeSync(fd);
  }
}

function read<T extends TimestampPart | SnapshotPart | TargetsPart>(site: Site, path: string): T {
  const text = site.read(path)?.toString('utf8');
  if (text === undefined) throw lost(path, site.directory);
  return parseDocument<T>(text, path).signed;
}

function lost(path: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_MISSING',
    message: `expected ${path} of a published folder, found none`,
    where,
    remedy: 'name a folder that `scapfeed publish` made with --from DIR',
  });
}

function notPublished(platform: string, published: readonly string[], where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `the published folder has no platform ${platform}`,
    where,
    remedy: `use of ${published.join(', ')}`,
  });
}
