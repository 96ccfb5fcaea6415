import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { tarPieces } from '../tar-pieces.ts';

/** Writes files into a tar.gz. */
export async function writeTarGz(path: string, files: readonly string[]): Promise<void> {
  await pipeline(tarPieces(files), createGzip({ level: 6 }), createWriteStream(path));
}
