import { basename } from 'node:path';
import { compareScores } from '../../feed/compile/details.ts';
import { type FeedOutput, isContentPath, type Manifest, type Vulnerability } from '../../model/feed/index.ts';
import { joinManifests, oldestFirst } from '../../published/join-manifests.ts';
import { belongsTo } from '../../published/names.ts';
import { isOffsets, offsetsOf, offsetsPath, readLines, sha256 } from './lines.ts';
import { isDetail, manifestText } from './part.ts';

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

/** Joins lines of details and tables by key. Of two lines of a table the newer feed's is used; details are merged. */
function joinShared(path: string, parts: readonly ReceivedPart[]): Buffer {
  const contents = oldestFirst(parts).flatMap(({ files }) => files.get(path) ?? []);
  if (contents.every((content) => content.equals(contents[0]!))) return contents[0]!;
  const join = isDetail(path) ? joinDetail : newer;
  const lines = new Map<string, Buffer>();
  for (const content of contents) {
    for (const [key, line] of linesByKey(content, path)) {
      const before = lines.get(key);
      lines.set(key, before === undefined || before.equals(line) ? line : join(before, line));
    }
  }
  return Buffer.concat([...lines.keys()].sort().map((key) => lines.get(key)!));
}

function newer(_older: Buffer, line: Buffer): Buffer {
  return line;
}

/**
 * Facts about a flaw or an advisory that only one feed states are kept, as in a build of both, because vendor scores and
 * known exploitation decide verdicts. Otherwise the newer feed's are used.
 */
function joinDetail(older: Buffer, line: Buffer): Buffer {
  const [before, after] = [older, line].map((text) => JSON.parse(text.toString('utf8')) as Vulnerability);
  const sources = new Set((after!.cvss ?? []).map(({ source }) => source));
  const others = (before!.cvss ?? []).filter(({ source }) => !sources.has(source));
  const cvss = [...(after!.cvss ?? []), ...others].sort(compareScores);
  return Buffer.from(`${JSON.stringify({ ...before, ...after, ...(cvss.length > 0 && { cvss }) })}\n`);
}

/**
 * The lines of a platform's details that are others in the joined feed, as they were published, by the path where they are kept: from
 * these the next pull knows what it has.
 */
export function ownDetails(
  { platform, files }: ReceivedPart,
  joined: ReadonlyMap<string, Buffer | string>,
): [path: string, lines: Buffer][] {
  const details = [...files].filter(([path]) => isDetail(path) && !isOffsets(path));
  return details.flatMap(([path, content]) => {
    const lines = linesByKey(joined.get(path) as Buffer, path);
    const own = [...linesByKey(content, path)].filter(([key, line]) => !lines.get(key)?.equals(line));
    return own.length > 0
      ? [[ownDetailsPath(platform, path), Buffer.concat(own.map(([, line]) => line))]]
      : [];
  });
}

/** Where a pulled feed keeps the lines that `ownDetails` finds. */
export function ownDetailsPath(platform: string, path: string): string {
  return `pulled/${platform}.${basename(path)}`;
}

/** A platform's details as they were published. `subset`: those of the joined feed that it names; `own`: those that are others. */
export function publishedDetails(subset: Buffer, own: Buffer, path: string): Buffer {
  const lines = linesByKey(own, path);
  return Buffer.concat([...linesByKey(subset, path)].map(([key, line]) => lines.get(key) ?? line));
}

/** Lines with their ends. */
function linesByKey(content: Buffer, path: string): Map<string, Buffer> {
  return new Map(
    readLines(content, path).map(({ key, start, end }) => [key, content.subarray(start, end + 1)]),
  );
}
