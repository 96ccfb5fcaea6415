import { type FeedOutput, isContentPath, type Manifest } from '../../model/index.ts';
import { joinManifests, oldestFirst } from '../../published/join-manifests.ts';
import { belongsTo } from '../../published/names.ts';
import { isOffsets, offsetsOf, offsetsPath, readLines, sha256 } from './lines.ts';
import { manifestText } from './part.ts';

/** A platform with the files that a client has. */
export interface ReceivedPart {
  platform: string;
  manifest: Manifest;
  files: ReadonlyMap<string, Buffer>;
}

/** Where a pulled feed keeps the published manifests, which the next delta starts from. */
export function keptManifestPath(platform: string): string {
  return `pulled/${platform}.manifest.json`;
}

/** Joins parts to the files of one ordinary feed, its manifest included. A single part keeps its files unchanged. */
export function joinParts(parts: readonly ReceivedPart[]): Map<string, Buffer | string> {
  const files = new Map<string, Buffer>();
  const shared = new Set<string>();
  for (const { platform, files: own } of oldestFirst(parts)) {
    for (const [path, content] of own) {
      // Of two versions of a benchmark, the newer feed's is used, as of details.
      if (belongsTo(path, platform) || isContentPath(path)) files.set(path, content);
      else if (!isOffsets(path)) shared.add(path);
    }
  }
  for (const path of shared) {
    const content = joinShared(path, parts);
    files.set(path, content);
    files.set(offsetsPath(path), offsetsOf(content, path));
  }
  const outputs = [...files].map(
    ([path, content]): FeedOutput => ({ path, sha256: sha256(content), size: content.length }),
  );
  const manifest = joinManifests(parts, outputs);
  return new Map<string, Buffer | string>([...files, ['manifest.json', manifestText(manifest)]]);
}

/** Joins lines of details and tables by key; of two versions of a line, the newer feed's is used. */
function joinShared(path: string, parts: readonly ReceivedPart[]): Buffer {
  const contents = oldestFirst(parts).flatMap(({ files }) => files.get(path) ?? []);
  if (contents.every((content) => content.equals(contents[0]!))) return contents[0]!;
  const lines = new Map<string, Buffer>();
  for (const content of contents) {
    for (const { key, start, end } of readLines(content, path))
      lines.set(key, content.subarray(start, end + 1));
  }
  return Buffer.concat([...lines.keys()].sort().map((key) => lines.get(key)!));
}
