import { hash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { refusedAccess } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';
import type {
  BinariesRecord,
  FeedOutput,
  OffsetIndex,
  PackageRecord,
  ShardLine,
  Vulnerability,
} from '../../model/feed/index.ts';
import type { Feed } from './feed.ts';
import { readVerified } from './line-reader.ts';
import { shardLine } from './shard-records.ts';

/** Every package of a platform with its claims, by name. Blocks are read one after the other, and checked by digest. */
export function* shardLines(feed: Feed, platform: string): Generator<ShardLine> {
  const shard = feed.shard(platform)!;
  for (const line of indexLines(feed, `index/${platform}.jsonl`)) {
    if (line.startsWith('{"package":')) yield shardLine(JSON.parse(line) as PackageRecord, shard.tables);
  }
}

/** The packages of a platform about which statements could not be read, without reading the others' claims. */
export function* unreadLines(
  feed: Feed,
  platform: string,
): Generator<Pick<PackageRecord, 'package' | 'unread'>> {
  for (const line of indexLines(feed, `index/${platform}.jsonl`)) {
    if (line.startsWith('{"package":') && line.includes('"unread":')) yield JSON.parse(line) as PackageRecord;
  }
}

/** The binaries of a platform's sources; undefined: the feed was made without such a list. */
export function* platformBinaries(feed: Feed, platform: string): Generator<BinariesRecord> {
  const path = `index/${platform}.binaries.jsonl`;
  if (!feed.manifest.outputs.some((output) => output.path === path)) return;
  for (const line of indexLines(feed, path)) yield JSON.parse(line) as BinariesRecord;
}

/** Rows of a source's table by id; none if the feed has no such table. */
export function* tableRows<T extends { id: string }>(feed: Feed, table: string): Generator<T> {
  const path = `index/${table}.jsonl`;
  if (!feed.manifest.outputs.some((output) => output.path === path)) return;
  for (const line of indexLines(feed, path)) yield JSON.parse(line) as T;
}

/** Details of all vulnerabilities by id. */
export function* vulnerabilityLines(feed: Feed): Generator<Vulnerability> {
  for (const line of indexLines(feed, 'index/vulnerabilities.jsonl')) yield JSON.parse(line) as Vulnerability;
}

/** All lines of a file of the index in their order. @throws FEED_CORRUPT */
export function* indexLines({ directory, manifest }: Feed, path: string): Generator<string> {
  const lines = outputOf(manifest.outputs, path);
  const index = readVerified<OffsetIndex>(
    directory,
    outputOf(manifest.outputs, path.replace(/\.[a-z]+$/, '.offsets.json')),
  );
  let file: number;
  try {
    if (!statSync(join(directory, path)).isFile()) throw new Error('it is not a regular file');
    file = openSync(join(directory, path), 'r');
  } catch (cause) {
    throw corrupt('a file that the manifest names cannot be read', path, cause);
  }
  try {
    for (const [at, start] of index.offsets.entries()) {
      const block = Buffer.allocUnsafe((index.offsets[at + 1] ?? lines.size) - start);
      const read = readBlock(file, block, start, path);
      if (read !== block.length || hash('sha256', block) !== index.sha256[at])
        throw corrupt(`block ${at} does not have the sha256 that the feed's offset index gives`, path);
      yield* block.toString('utf8').slice(0, -1).split('\n');
    }
  } finally {
    closeSync(file);
  }
}

function readBlock(file: number, block: Buffer, start: number, path: string): number {
  try {
    return readSync(file, block, 0, block.length, start);
  } catch (cause) {
    throw corrupt('a file that the manifest names cannot be read', path, cause);
  }
}

function outputOf(outputs: readonly FeedOutput[], path: string): FeedOutput {
  const output = outputs.find((each) => each.path === path);
  if (output) return output;
  throw corrupt(`the manifest does not name ${path}`, 'manifest.json/outputs');
}

function corrupt(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message,
    where,
    remedy: 'build or pull the feed again; this copy must not be used',
    ...refusedAccess(cause, 'the feed'),
    ...(cause === undefined ? {} : { cause }),
  });
}
