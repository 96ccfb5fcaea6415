import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { compressionOf, magicBytes } from '../../io/decompress.ts';
import type { StoredBytes } from '../layers/layer-source.ts';
import { chunkBytes } from '../layers/plain-layer.ts';

/** Part of a file, in bytes. */
export interface FilePart {
  offset: number;
  size: number;
}

/** The bytes of a layer that is a file, or a part of one. */
export function storedPart(path: string, part: FilePart): StoredBytes {
  return { again: true, open: () => readPart(path, part), pieces: () => plainPieces(path, part) };
}

function readPart(path: string, { offset, size }: FilePart): AsyncIterable<Buffer> {
  if (size === 0) return noBytes();
  return createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: chunkBytes });
}

async function* noBytes(): AsyncGenerator<Buffer> {}

/** In one buffer: a stream's own, a quarter of a megabyte each, took longer than the digest of what was read into them. */
function plainPieces(path: string, { offset, size }: FilePart): Generator<Buffer> | undefined {
  const head = Buffer.alloc(Math.min(size, magicBytes));
  const descriptor = openSync(path, 'r');
  const read = readSync(descriptor, head, 0, head.length, offset);
  if (compressionOf(head.subarray(0, read)) === undefined) return pieces(descriptor, { offset, size });
  closeSync(descriptor);
  return undefined;
}

function* pieces(descriptor: number, { offset, size }: FilePart): Generator<Buffer> {
  try {
    const piece = Buffer.allocUnsafeSlow(Math.min(size, chunkBytes));
    for (let at = 0; at < size; ) {
      const length = readSync(descriptor, piece, 0, Math.min(piece.length, size - at), offset + at);
      if (length === 0) return;
      yield piece.subarray(0, length);
      at += length;
    }
  } finally {
    closeSync(descriptor);
  }
}
