import { makeManifest } from '../../compile/index.ts';
import type { FeedOutput, Manifest } from '../../model/index.ts';
import { offsetsOf, offsetsPath, readLines, sha256 } from './lines.ts';
import { manifestText } from './part.ts';

/** A platform with the files that a receiver has of it. */
export interface ReceivedPart {
  platform: string;
  manifest: Manifest;
  files: ReadonlyMap<string, Buffer>;
}

/** Where the manifests that were published stand in a pulled feed: what the next delta starts from. */
export function keptManifestPath(platform: string): string {
  return `pulled/${platform}.manifest.json`;
}

const details = ['index/vulnerabilities.jsonl', 'index/advisories.jsonl'];

/** Parts -> the files of one ordinary feed, its manifest among them. One part alone keeps its files as they came. */
export function joinParts(parts: readonly ReceivedPart[]): Map<string, Buffer | string> {
  const files = new Map<string, Buffer>();
  const detailPaths = new Set(details.flatMap((path) => [path, offsetsPath(path)]));
  for (const part of parts) {
    for (const [path, content] of part.files) if (!detailPaths.has(path)) files.set(path, content);
  }
  for (const path of details) {
    const content = joinDetails(path, parts);
    files.set(path, content);
    files.set(offsetsPath(path), offsetsOf(content, path));
  }
  const outputs = [...files].map(
    ([path, content]): FeedOutput => ({ path, sha256: sha256(content), size: content.length }),
  );
  const manifest = joinManifests(parts, outputs);
  return new Map<string, Buffer | string>([...files, ['manifest.json', manifestText(manifest)]]);
}

/** Each detail once, by key; of two ages of one detail the newer feed's. */
function joinDetails(path: string, parts: readonly ReceivedPart[]): Buffer {
  if (parts.length === 1) return parts[0]!.files.get(path)!;
  const lines = new Map<string, Buffer>();
  for (const { files } of oldestFirst(parts)) {
    const content = files.get(path)!;
    for (const { key, start, end } of readLines(content, path))
      lines.set(key, content.subarray(start, end + 1));
  }
  return Buffer.concat([...lines.keys()].sort().map((key) => lines.get(key)!));
}

function joinManifests(parts: readonly ReceivedPart[], outputs: readonly FeedOutput[]): Manifest {
  const manifests = oldestFirst(parts).map(({ manifest }) => manifest);
  const newest = manifests.at(-1)!;
  const accepted = parts.flatMap(({ manifest }) => manifest.accepted ?? []);
  const manifest = makeManifest({
    toolVersion: newest.tool.version,
    created: newest.created,
    inputs: [
      ...new Map(
        manifests.flatMap(({ inputs }) => inputs).map((input) => [`${input.id} ${input.sha256}`, input]),
      ).values(),
    ],
    sources: [
      ...new Map(manifests.flatMap(({ sources }) => sources).map((source) => [source.id, source])).values(),
    ],
    platforms: parts.flatMap(({ manifest: own }) => own.platforms),
    outputs,
  });
  return accepted.length > 0 ? { ...manifest, accepted } : manifest;
}

function oldestFirst(parts: readonly ReceivedPart[]): ReceivedPart[] {
  const order = ({ platform, manifest }: ReceivedPart) => `${manifest.created} ${platform}`;
  return [...parts].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
