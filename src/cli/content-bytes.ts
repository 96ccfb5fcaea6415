import { createReadStream } from 'node:fs';
import { readAll } from '../io/bytes.ts';
import { decompress } from '../io/decompress.ts';
import { sizeOfContent } from './content-file.ts';

/** The largest document that is read, decompressed. */
export const maxContentBytes = 512 * 1024 * 1024;

/**
 * A document of content, decompressed by its magic bytes.
 * @throws CONTENT_MISSING, SOURCE_MALFORMED for a damaged stream, SOURCE_TOO_LARGE
 */
export async function readContentBytes(path: string): Promise<Buffer> {
  return readAll(contentPieces(path), {
    maxBytes: maxContentBytes,
    where: path,
    code: 'SOURCE_TOO_LARGE',
  });
}

/** The same in pieces, as they are decompressed. */
export function contentPieces(path: string): AsyncIterable<Uint8Array> {
  return decompress(openContent(path), { maxBytes: maxContentBytes, where: path });
}

function openContent(path: string): AsyncIterable<Uint8Array> {
  sizeOfContent(path);
  return createReadStream(path, { highWaterMark: 1 << 20 });
}
