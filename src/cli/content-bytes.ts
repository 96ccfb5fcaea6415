import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { readAll } from '../io/bytes.ts';
import { decompress } from '../io/decompress.ts';
import { type RandomAccess, ScapfeedError } from '../model/index.ts';

/** The largest document that is read, decompressed. */
export const maxContentBytes = 512 * 1024 * 1024;

/**
 * A document of content, decompressed by its magic bytes.
 * @throws CONTENT_MISSING, SOURCE_MALFORMED for a damaged stream, SOURCE_TOO_LARGE
 */
export async function readContentBytes(path: string): Promise<Buffer> {
  const bound = { maxBytes: maxContentBytes, where: path };
  return readAll(decompress(openContent(path), bound), { ...bound, code: 'SOURCE_TOO_LARGE' });
}

/** A file of content, for reading pieces of it. */
export function openPieces(path: string): RandomAccess & { close(): void } {
  const size = sizeOf(path);
  const descriptor = openSync(path, 'r');
  return {
    size,
    read(offset, length) {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
      const count = readSync(descriptor, bytes, 0, bytes.length, offset);
      return bytes.subarray(0, count);
    },
    close: () => closeSync(descriptor),
  };
}

function openContent(path: string): AsyncIterable<Uint8Array> {
  sizeOf(path);
  return createReadStream(path, { highWaterMark: 1 << 20 });
}

function sizeOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return stat.size;
  throw new ScapfeedError({
    code: 'CONTENT_MISSING',
    message: stat ? 'expected a file, found something else' : 'there is no such file',
    where: path,
    remedy: 'name OVAL definitions, a data stream, or what `scapfeed compile` made of one',
  });
}
