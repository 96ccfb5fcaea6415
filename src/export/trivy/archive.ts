import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { blockSize, tarPadding } from '../../io/tar/format.ts';
import { tarHeader } from '../../io/tar/write.ts';

/** Writes files into a tar.gz, the same bytes for the same content: no clock, owner or mode is in it. */
export async function writeTarGz(path: string, files: readonly string[]): Promise<void> {
  await pipeline(pieces(files), createGzip({ level: 6 }), createWriteStream(path));
}

async function* pieces(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) {
    const { size } = statSync(file);
    yield tarHeader(basename(file), size);
    for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) yield piece as Buffer;
    yield Buffer.alloc(tarPadding(size));
  }
  yield Buffer.alloc(2 * blockSize);
}
