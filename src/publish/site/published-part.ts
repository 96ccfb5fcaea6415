import { ScapfeedError } from '../../model/error.ts';
import type { Manifest } from '../../model/feed/index.ts';
import { encodings, targetPath } from '../../published/names.ts';
import { decompress } from '../feed/encoding.ts';
import { isOffsets, offsetsOf, offsetsPath, sha256 } from '../feed/lines.ts';
import type { FeedPart } from '../feed/part.ts';
import type { Site } from './layout.ts';
import type { PublishedPart } from './state.ts';

/** Reads a platform back from the published folder. @throws FEED_CORRUPT if a file is missing */
export async function openPublishedPart(
  site: Site,
  platform: string,
  part: PublishedPart,
): Promise<FeedPart> {
  const manifestText = (await readTarget(site, `${platform}/manifest.json`, part)).toString('utf8');
  const manifest = JSON.parse(manifestText) as Manifest;
  const digests = new Map(manifest.outputs.map(({ path, sha256: digest }) => [path, digest]));
  const files = new Map<string, Buffer>();

  async function load(path: string): Promise<Buffer> {
    const content = files.get(path) ?? (await readTarget(site, `${platform}/${path}`, part));
    if (sha256(content) !== digests.get(path)) throw lost(path);
    return content;
  }

  for (const path of digests.keys()) {
    if (!path.startsWith('index/') || isOffsets(path)) continue;
    files.set(path, await load(path));
  }
  return {
    platform,
    manifest,
    manifestText,
    file(path) {
      const known = files.get(path);
      if (known) return known;
      const lines = [...files.keys()].find((candidate) => offsetsPath(candidate) === path);
      if (lines) return offsetsOf(files.get(lines)!, lines);
      throw lost(path);
    },
    load,
  };
}

/** Limit on the size of a file, so that a damaged folder cannot fill the memory. */
const maxPlainBytes = 2 ** 30;

async function readTarget(site: Site, name: string, { targets }: PublishedPart): Promise<Buffer> {
  const encoding = encodings.find((candidate) => targets[`${name}.${candidate}`]);
  if (!encoding) throw lost(name);
  const target = `${name}.${encoding}`;
  const { sha256: digest } = targets[target]!.hashes;
  const bytes = site.read(targetPath(target, digest));
  if (!bytes || sha256(bytes) !== digest) throw lost(target);
  return decompress(bytes, encoding, maxPlainBytes, target);
}

function lost(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'the published folder lacks a target listed in its own state',
    where,
    remedy: 'restore the folder from a copy, or publish to a new one',
  });
}
