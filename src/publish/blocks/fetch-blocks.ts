import { gunzipSync } from 'node:zlib';
import { someAtOnce } from '../../io/at-once.ts';
import type { PrivateCache } from '../../io/private-cache.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Progress } from '../../model/progress.ts';
import { blockPath, digestOfBlock } from '../../published/block-list.ts';
import { encodingOf, targetPath } from '../../published/names.ts';
import { isWholeBetter, placeWhole, plainLength, type RemoteFile } from '../../published/remote-files.ts';
import { decompress } from '../feed/encoding.ts';
import { sha256 } from '../feed/lines.ts';
import type { Origin } from '../pull/origin.ts';
import { missingAsSwapped } from '../pull/trust-error.ts';

/** The way to a published folder, with what came from it before. */
export interface BlockSource {
  origin: Pick<Origin, 'name' | 'fetch' | 'mayLackBlocks'>;
  cache: PrivateCache;
  /** The origin was found to have whole files only. */
  lacksBlocks?: boolean;
  progress: Progress;
}

/** Fetches blocks of a file, or the whole of it where that costs less, and puts them in their places. */
export async function loadBlocks(
  source: BlockSource,
  file: RemoteFile,
  wanted: readonly number[],
): Promise<void> {
  const { blocks, loaded } = file;
  const kept = wanted.filter((at) => !loadKept(source, file, at));
  if (kept.length === 0) return;
  const { whole } = blocks;
  const isKept = source.lacksBlocks || source.cache.read(whole.sha256) !== undefined;
  if (isKept || isWholeBetter(whole.length, blocks, kept)) {
    await loadWhole(source, file);
    return;
  }
  try {
    await someAtOnce(kept, async (at) => {
      const digest = digestOfBlock(blocks, at);
      const bytes = await signedBytes(source, blockPath(digest), blocks.served[at]!, digest);
      loaded.set(at, unfolded(bytes, blocks.plain[at]!, `${source.origin.name}/${blockPath(digest)}`));
    });
  } catch (error) {
    if (!source.origin.mayLackBlocks || !isMissing(error)) throw error;
    source.lacksBlocks = true;
    source.progress(`${source.origin.name} has no blocks of the feed: fetching whole files`);
    await loadWhole(source, file);
  }
}

/** True where the origin does not have what was asked for. */
export function isMissing(error: unknown): boolean {
  const cause = error instanceof ScapfeedError ? error.cause : undefined;
  return cause instanceof ScapfeedError && cause.code === 'FETCH_NOT_FOUND';
}

function loadKept({ cache, origin }: BlockSource, { blocks, loaded }: RemoteFile, at: number): boolean {
  const digest = digestOfBlock(blocks, at);
  const bytes = cache.read(digest);
  if (!bytes || sha256(bytes) !== digest) return false;
  loaded.set(at, unfolded(bytes, blocks.plain[at]!, `${origin.name}/${blockPath(digest)}`));
  return true;
}

async function loadWhole(source: BlockSource, file: RemoteFile): Promise<void> {
  const { name, length, sha256: digest } = file.blocks.whole;
  const bytes = await signedBytes(source, targetPath(name, digest), length, digest);
  const size = plainLength(file.blocks);
  const where = `${source.origin.name}: ${name}`;
  const content = await decompress(bytes, encodingOf(name)!, size, where);
  if (content.length !== size) throw otherLength(size, content.length, where);
  placeWhole(file, content);
}

/** Bytes with their signed length and digest, from the cache or the origin. @throws TRUST_SWAPPED, TRUST_TRUNCATED */
export async function signedBytes(
  { origin, cache }: BlockSource,
  path: string,
  length: number,
  digest: string,
): Promise<Buffer> {
  const kept = cache.read(digest);
  if (kept && sha256(kept) === digest) return kept;
  const bytes = await origin.fetch(path, length, digest).catch((error: unknown) => {
    throw missingAsSwapped(error, path);
  });
  if (bytes.length !== length || sha256(bytes) !== digest)
    throw otherBytes(bytes, length, digest, `${origin.name}/${path}`);
  await cache.keep(digest, bytes);
  return bytes;
}

function otherBytes(bytes: Buffer, length: number, digest: string, where: string): ScapfeedError {
  const isShort = bytes.length < length;
  return new ScapfeedError({
    code: isShort ? 'TRUST_TRUNCATED' : 'TRUST_SWAPPED',
    message: isShort
      ? `expected ${length} bytes as signed, found ${bytes.length}`
      : `expected sha256 ${digest} as signed, found ${sha256(bytes)}`,
    where,
    remedy: 'use another mirror, and report it to the publisher',
  });
}

/** A block, decompressed. @throws FEED_CORRUPT if its length is another */
export function unfolded(bytes: Buffer, plain: number, where: string): Buffer {
  let content: Buffer;
  try {
    content = gunzipSync(bytes, { maxOutputLength: Math.max(1, plain) });
  } catch (cause) {
    throw broken(`expected a block of ${plain} bytes, found something else`, where, cause);
  }
  if (content.length !== plain) throw otherLength(plain, content.length, where);
  return content;
}

function otherLength(expected: number, found: number, where: string): ScapfeedError {
  return broken(`expected ${expected} bytes after decompression as signed, found ${found}`, where);
}

function broken(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message,
    where,
    remedy: 'report it to the publisher; meanwhile use `scapfeed pull`',
    ...(cause === undefined ? {} : { cause }),
  });
}
