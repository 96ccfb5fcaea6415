import { type Manifest, ScapfeedError } from '../../model/index.ts';
import { decompress, encodingOf } from '../feed/encoding.ts';
import { isOffsets, offsetsOf, sha256 } from '../feed/lines.ts';
import type { FeedPart } from '../feed/part.ts';
import { type Site, targetPath } from './layout.ts';
import type { PublishedPart } from './state.ts';

/** Reads a platform back from the published folder. FEED_CORRUPT when the folder lost something. */
export async function openPublishedPart(
  site: Site,
  platform: string,
  part: PublishedPart,
): Promise<FeedPart> {
  const manifestText = (await readTarget(site, `${platform}/manifest.json`, part)).toString('utf8');
  const manifest = JSON.parse(manifestText) as Manifest;
  const files = new Map<string, Buffer>();
  for (const { path, sha256: digest } of manifest.outputs) {
    if (isOffsets(path) || !path.startsWith('index/')) continue;
    const content = await readTarget(site, `${platform}/${path}`, part);
    if (sha256(content) !== digest) throw lost(path);
    files.set(path, content);
  }
  return {
    platform,
    manifest,
    manifestText,
    file(path) {
      const known = files.get(path);
      if (known) return known;
      const lines = [...files.keys()].find(
        (candidate) => path === candidate.replace(/\.[a-z]+$/, '.offsets.json'),
      );
      if (lines) return offsetsOf(files.get(lines)!, lines);
      throw lost(path);
    },
  };
}

/** More than any file of a feed has, so that our own folder cannot fill the memory. */
const maxPlainBytes = 2 ** 30;

async function readTarget(site: Site, name: string, { targets }: PublishedPart): Promise<Buffer> {
  const found = Object.entries(targets).find(([target]) => target.startsWith(`${name}.`));
  if (!found) throw lost(name);
  const [target, { hashes }] = found;
  const bytes = site.read(targetPath(target, hashes.sha256));
  if (!bytes || sha256(bytes) !== hashes.sha256) throw lost(target);
  return decompress(bytes, encodingOf(target)!, maxPlainBytes, target);
}

function lost(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'the published folder lost a target that its own state names',
    where,
    remedy: 'bring the folder back from a copy, or publish to a new one',
  });
}
