import { createReadStream } from 'node:fs';
import { decompress } from '../io/decompress.ts';

/** Size limit after decompression; the largest vendor document is under 300 MB. */
const plainSizeLimit = 2 * 1024 * 1024 * 1024;

/** Reads a file, decompressed by its magic bytes. */
export async function* openPlain(path: string): AsyncGenerator<Buffer> {
  const body = createReadStream(path, { highWaterMark: 1 << 18 });
  for await (const chunk of decompress(body, { maxBytes: plainSizeLimit, where: path })) {
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}
