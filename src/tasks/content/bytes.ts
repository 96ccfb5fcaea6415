import { createReadStream } from 'node:fs';
import { readAll } from '../../io/bytes.ts';
import { decompress } from '../../io/decompress.ts';
import { sizeOfContent } from '../../io/read-at-most.ts';

/** The largest document that is read, decompressed. */
const maxContentBytes = 512 * 1024 * 1024;

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
  const maxBytes = Math.min(maxContentBytes, Math.max(smallContentBytes, sizeOfContent(path) * maxRatio));
  return decompress(createReadStream(path, { highWaterMark: 1 << 20 }), { maxBytes, where: path });
}

/** Documents of vendors are up to 60 times as large as their packed form, bombs 1,000 times and more. */
const maxRatio = 200;
/** Size, in bytes, below which a ratio is not meaningful. */
const smallContentBytes = 16 * 1024 * 1024;
