import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { blockSize, tarPadding } from '../io/tar/format.ts';
import { tarHeader } from '../io/tar/write.ts';

/** Files as a tar by their base names, the same bytes for the same content: no clock, owner or mode is in it. */
export async function* tarPieces(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) {
    const { size } = statSync(file);
    yield tarHeader(basename(file), size);
    for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) yield piece as Buffer;
    yield Buffer.alloc(tarPadding(size));
  }
  yield Buffer.alloc(2 * blockSize);
}
