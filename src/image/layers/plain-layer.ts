import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { peek } from '../../io/bytes.ts';
import { type Compression, compressionOf, decompress, magicBytes } from '../../io/decompress.ts';
import { unzstd } from '../../io/zstd.ts';
import { ScapfeedError } from '../../model/error.ts';
import { aboveLimit, type Budget, malformed } from '../limits.ts';

/** Size of decompressed pieces; it matters more than the tar reader (16 kB pieces take 2.6 times as long). */
export const chunkBytes = 256 * 1024;

/**
 * The decompressed tar of a stored layer: compression by magic bytes, not by media type or name.
 * @throws IMAGE_MALFORMED (damaged or truncated), IMAGE_LIMIT_EXCEEDED (ratio, layerBytes)
 */
export async function* plainLayer(
  stored: AsyncIterable<Uint8Array>,
  budget: Budget,
  where: string,
): AsyncGenerator<Buffer> {
  const { head, whole } = await peek(stored, magicBytes);
  const kind = compressionOf(head);
  const counter = { stored: 0, plain: 0 };
  const counted = countStored(whole, counter);
  const plain = kind === undefined ? counted : named(decoders[kind](counted, where, budget), kind, where);
  for await (const piece of plain) {
    counter.plain += piece.length;
    budget.spend('layerBytes', piece.length, where);
    checkRatio(counter, budget, where);
    yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  }
  // gzip(1) ignores the zero bytes that pad a file, and so does Node; size and digest are of the whole file.
  for await (const piece of counted) budget.spend('layerBytes', piece.length, where);
}

type Decoder = (body: AsyncIterable<Uint8Array>, where: string, budget: Budget) => AsyncIterable<Uint8Array>;

const decoders: Readonly<Record<Compression, Decoder>> = { gzip, zstd: unzstd, xz: other, bzip2: other };

/** Inflates in libuv's threads, so that several layers are read at once. Reads consecutive members (pigz, stargz). */
function gzip(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  pipeline(body, gunzip, () => undefined);
  return gunzip as AsyncIterable<Buffer>;
}

/** Compressions that only old Docker loads. Their decoders are slow: what any length may expand to is that of a document. */
function other(body: AsyncIterable<Uint8Array>, where: string, budget: Budget): AsyncIterable<Uint8Array> {
  return decompress(body, { maxBytes: budget.limits.layerBytes, where });
}

async function* named(
  plain: AsyncIterable<Uint8Array>,
  kind: Compression,
  where: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* plain;
  } catch (error) {
    if (error instanceof ScapfeedError && error.code === 'SOURCE_TOO_LARGE')
      throw aboveLimit(error.message, where);
    if (error instanceof ScapfeedError && error.code !== 'SOURCE_MALFORMED') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw malformed(`expected a whole ${kind} stream, found a broken one: ${reason}`, where, error);
  }
}

interface Counter {
  stored: number;
  plain: number;
}

async function* countStored(body: AsyncIterable<Uint8Array>, counter: Counter): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    counter.stored += piece.length;
    yield piece;
  }
}

function checkRatio({ stored, plain }: Counter, budget: Budget, where: string): void {
  if (plain > budget.limits.ratioFreeBytes) budget.check('ratio', plain / Math.max(stored, 1), where);
}
