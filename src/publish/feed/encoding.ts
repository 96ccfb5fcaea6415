import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { unzstd } from '../../io/zstd.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Encoding } from '../../published/names.ts';
import { feedStays } from '../feed-stays.ts';

// Brotli at 11 costs 1.4 s per MB and saves an eighth over 9: worth it for files that are small or fetched every night.
const bestBrotliBytes = 256 * 1024;
const brotliWindow = 24;
const zstdLevel = 19;

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const zstd = promisify(zlib.zstdCompress);

/** Compresses; machines with the same zlib and brotli give the same bytes. */
export async function compress(content: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'gz') return gzip(content, { level: 9 });
  if (encoding === 'zst') {
    return zstd(content, { params: { [zlib.constants.ZSTD_c_compressionLevel]: zstdLevel } });
  }
  const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  return brotli(content, {
    params: {
      [BROTLI_PARAM_QUALITY]: content.length <= bestBrotliBytes ? 11 : 9,
      [BROTLI_PARAM_LGWIN]: brotliWindow,
      [BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}

/** Decompresses; refused above maxBytes, because a publisher may sign a broken target. */
export async function decompress(bytes: Buffer, encoding: Encoding, maxBytes: number, where: string) {
  try {
    if (encoding === 'zst') return await decompressZstd(bytes, maxBytes, where);
    const decode = encoding === 'br' ? zlib.brotliDecompressSync : zlib.gunzipSync;
    // zlib does not take a limit of zero; an empty file has to decode all the same.
    return decode(bytes, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw new ScapfeedError({
      code: 'FEED_CORRUPT',
      message: `expected at most ${maxBytes} bytes in ${encoding}, found something else`,
      where,
      remedy: `tell the publisher that the target is broken${feedStays}`,
      cause,
    });
  }
}

async function decompressZstd(bytes: Buffer, maxBytes: number, where: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of unzstd(single(bytes), where)) {
    size += piece.length;
    if (size > maxBytes) throw new RangeError('more than the bound');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function* single(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
