import { shardLine } from '../../feed/read/shard-records.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { KindsRecord, PackageRecord, ShardLine, ShardRecord } from '../../model/feed/index.ts';
import { isAssessmentPart } from '../../published/assessment-parts.ts';
import { shardPath } from '../../published/names.ts';
import { feedStays } from '../feed-stays.ts';
import { readLines } from './lines.ts';

/** Limit on the ids of a shard with its shared lists; full Ubuntu releases have half a million. */
const maxIds = 32_000_000;

/** Reads the packages of a shard with everything that their lines refer to, sorted by name. @throws FEED_CORRUPT */
export function readShard(content: Buffer): ShardLine[] {
  let kinds: KindsRecord['kinds'] = [];
  const lists = new Map<string, string[]>();
  const packages: PackageRecord[] = [];
  for (const { start, end } of readLines(content, shardPath(''))) {
    const record = JSON.parse(content.toString('utf8', start, end)) as ShardRecord;
    if ('package' in record) packages.push(record);
    else if ('list' in record) lists.set(record.list, record.ids);
    else kinds = record.kinds;
  }
  requireBounded(packages, lists);
  const tables = { kinds, list: (key: string) => lists.get(key) };
  return packages.map((record) => shardLine(record, tables));
}

/** A few bytes can refer to a long list many times. */
function requireBounded(packages: readonly PackageRecord[], lists: ReadonlyMap<string, string[]>): void {
  let ids = 0;
  for (const { claims } of packages)
    for (const claim of claims) for (const id of claim.ids) ids += lists.get(id)?.length ?? 1;
  if (ids <= maxIds) return;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: `expected at most ${maxIds} ids in a shard with its lists, found ${ids}`,
    remedy: `report it to the publisher${feedStays}`,
  });
}

/** The files of one platform. */
export interface PlatformFiles {
  platform: string;
  /** Reads a file of the index that the manifest names, and checks its digest. */
  file(path: string): Buffer;
}

/** Cache of the last shards: gates, changes and deltas of a platform read the same two or three. */
const recent: { file: PlatformFiles['file']; packages: ShardLine[] }[] = [];
const mostRecent = 3;

/** The packages of a platform's shard; none in a part that all platforms share. */
export function packagesOf({ platform, file }: PlatformFiles): readonly ShardLine[] {
  if (isAssessmentPart(platform)) return [];
  const known = recent.find((shard) => shard.file === file);
  if (known) return known.packages;
  const packages = readShard(file(shardPath(platform)));
  recent.unshift({ file, packages });
  recent.length = Math.min(recent.length, mostRecent);
  return packages;
}

/** Packages that differ between two shards; undefined: a shard does not have it. */
export function* differingLines(
  before: readonly ShardLine[],
  after: readonly ShardLine[],
): Generator<[old: ShardLine | undefined, now: ShardLine | undefined]> {
  let at = 0;
  for (const now of after) {
    for (; at < before.length && before[at]!.package < now.package; at++) yield [before[at], undefined];
    const old = before[at]?.package === now.package ? before[at++] : undefined;
    if (!old || JSON.stringify(old) !== JSON.stringify(now)) yield [old, now];
  }
  for (; at < before.length; at++) yield [before[at], undefined];
}
