import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { ScapfeedError } from '../../model/error.ts';

/**
 * A compiled benchmark is patched as a whole: zstd with the old file as its dictionary. Its lines are long and most changes
 * within them small, so that a patch by lines would be a third of the file.
 */
export function contentPatch(before: Buffer, after: Buffer): Buffer {
  return zstdCompressSync(after, {
    dictionary: before,
    params: {
      [constants.ZSTD_c_compressionLevel]: 19,
      [constants.ZSTD_c_windowLog]: windowLog(before.length + after.length),
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
    },
  });
}

/** @throws FEED_CORRUPT if it is no patch of this file, or unfolds to more than `maxBytes`; the whole file is then fetched */
export function patchContent(before: Buffer, patch: Buffer, maxBytes: number, where: string): Buffer {
  try {
    return zstdDecompressSync(patch, {
      dictionary: before,
      maxOutputLength: Math.max(1, maxBytes),
      params: { [constants.ZSTD_d_windowLogMax]: maxWindowLog },
    });
  } catch (cause) {
    throw new ScapfeedError({
      code: 'FEED_CORRUPT',
      message: 'the patch does not fit the benchmark in use',
      where,
      remedy: 'pull again; the whole file is fetched instead',
      cause,
    });
  }
}

/** 128 MB: what a client may have to keep of both files. */
const maxWindowLog = 27;

function windowLog(bytes: number): number {
  return Math.min(maxWindowLog, Math.max(10, Math.ceil(Math.log2(bytes))));
}

/** Name of the patch of a benchmark from the state with this digest. */
export function patchName(platform: string, path: string, from: string): string {
  const product = path.slice(path.lastIndexOf('/') + 1).replace(/\.jsonl$/, '');
  return `${platform}/delta/${product}.${from.slice(0, 16)}.zst`;
}
