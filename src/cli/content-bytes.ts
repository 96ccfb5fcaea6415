import { createReadStream, statSync } from 'node:fs';
import { readAll } from '../io/bytes.ts';
import { decompress } from '../io/decompress.ts';
import { ScapfeedError } from '../model/index.ts';

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

function openContent(path: string): AsyncIterable<Uint8Array> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return createReadStream(path, { highWaterMark: 1 << 20 });
  throw new ScapfeedError({
    code: 'CONTENT_MISSING',
    message: stat ? 'expected a file, found something else' : 'there is no such file',
    where: path,
    remedy: 'name OVAL definitions, a data stream, or what `scapfeed compile` made of one',
  });
}
