import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ScapfeedError } from '../model/error.ts';
import { boundedBytes, peek } from './bytes.ts';
import { systemReason } from './system-reason.ts';
import { mostUnfolded } from './unfolding.ts';

export type Compression = 'gzip' | 'xz' | 'bzip2' | 'zstd';

/** Bytes needed to detect the compression. */
export const magicBytes = 6;

/** By the magic bytes at the start of a file; undefined: not compressed by any of these. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  const starts = (magic: number[]) => magic.every((byte, at) => head[at] === byte);
  if (starts([0x1f, 0x8b])) return 'gzip';
  if (starts([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])) return 'xz';
  if (starts([0x42, 0x5a, 0x68])) return 'bzip2';
  if (starts([0x28, 0xb5, 0x2f, 0xfd])) return 'zstd';
  return undefined;
}

export interface DecompressOptions {
  /** Limit on the decompressed content in bytes; above it SOURCE_TOO_LARGE. */
  maxBytes: number;
  where: string;
  /** Bytes that any input may decompress to, however short it is; default 16 MiB. */
  free?: number;
  /** Another decoder of xz, such as unxzInThread: for large files whose reader is busy. */
  unxz?: Decoder;
}

/**
 * Decompresses a file by its magic bytes; an uncompressed file is passed on.
 * @throws SOURCE_MALFORMED for damaged or truncated streams, SOURCE_TOO_LARGE
 */
export async function* decompress(
  body: AsyncIterable<Uint8Array>,
  { maxBytes, where, free = freeBytes, unxz = xz }: DecompressOptions,
): AsyncGenerator<Uint8Array> {
  const { head, whole } = await peek(body, magicBytes);
  const kind = compressionOf(head);
  const plain = kind
    ? decoded(whole, kind, { where, free, decode: kind === 'xz' ? unxz : decoders[kind] })
    : whole;
  yield* boundedBytes(plain, { maxBytes, code: 'SOURCE_TOO_LARGE', where });
}

/**
 * A few hundred bytes of bzip2 make a gigabyte, and take seconds: what is decompressed is bounded by what was received, as far as the
 * decoder has read.
 */
async function* decoded(
  body: AsyncIterable<Uint8Array>,
  kind: Compression,
  { where, free, decode }: { where: string; free: number; decode: Decoder },
): AsyncGenerator<Uint8Array> {
  let received = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      received += piece.length;
      yield piece;
    }
  }
  let size = 0;
  for await (const piece of named(await decode(counted(), where), kind, where)) {
    size += piece.length;
    if (size > mostUnfolded(received, free)) {
      throw new ScapfeedError({
        code: 'SOURCE_TOO_LARGE',
        message: `expected at most ${mostUnfolded(received, free)} bytes from ${received} of ${kind}, found more`,
        where,
        remedy: 'check where the file is from: it is no document; decompress it, if it is meant',
      });
    }
    yield piece;
  }
}

/** Default of `free`. */
const freeBytes = 16 * 2 ** 20;

type Decoder = (
  body: AsyncIterable<Uint8Array>,
  where: string,
) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;

const decoders: Readonly<Record<Compression, Decoder>> = { gzip, xz, bzip2, zstd };

function gzip(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  pipeline(body, gunzip, () => undefined);
  return gunzip as AsyncIterable<Buffer>;
}

async function xz(body: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const module = await import('xz-decompress');
  // The package is CommonJS with exports that Node does not detect; a bundler does.
  const { XzReadableStream } = 'default' in module ? (module.default as typeof module) : module;
  return new XzReadableStream(webStream(body)) as unknown as AsyncIterable<Uint8Array>;
}

/** Pieces that are read before the decoder wants them. */
const piecesAhead = 16;

/** Readable.toWeb() goes on after its reader has stopped, with an exception that nothing can catch. */
function webStream(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: piecesAhead },
  );
}

async function bzip2(body: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const { bunzip2 } = await import('./bzip2.ts');
  return bunzip2(body);
}

async function zstd(body: AsyncIterable<Uint8Array>, where: string): Promise<AsyncIterable<Uint8Array>> {
  const { unzstd } = await import('./zstd.ts');
  return unzstd(body, where);
}

async function* named(
  plain: AsyncIterable<Uint8Array>,
  kind: Compression,
  where: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* plain;
  } catch (error) {
    if (error instanceof ScapfeedError) throw error;
    const reason = error instanceof Error ? systemReason(error) : String(error);
    throw new ScapfeedError({
      code: 'SOURCE_MALFORMED',
      message: `expected a whole ${kind} file, found a broken one: ${reason}`,
      where,
      remedy: 'fetch the file again',
      cause: error,
    });
  }
}
