// Not fs/promises: loading it takes a scan longer than what it would do here.
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { compressionOf } from '../../io/decompress.ts';
import type { LayerSource } from '../layers/layer-source.ts';
import { chunkBytes } from '../layers/plain-layer.ts';
import type { LayersContext } from '../layers/read-layers.ts';
import type { Archive } from './archive.ts';
import { ArchiveFile } from './archive-file.ts';
import { readStreamedTar, type StreamedTar } from './streamed-archive.ts';

/** A tar whose kind is not known yet. */
export interface TarContent {
  archive: Archive;
  /** The tar itself as a layer, if it is a root file system. */
  root: LayerSource;
}

/** A tar file. One that is compressed can only be streamed, and a pipe, such as the shell's `<(…)`, only once. */
export async function openTarFile(path: string, where: string, context: LayersContext): Promise<TarContent> {
  const bytes = () => createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>;
  if (!statSync(path).isFile()) return openTarStream({ where, open: bytes, again: false }, context);
  if (isCompressed(path)) return openTarStream({ where, open: bytes, again: true }, context);
  const archive = ArchiveFile.open(path, where, context);
  return { archive, root: archive.root() };
}

/** A streamed tar. */
export async function openTarStream(tar: StreamedTar, context: LayersContext): Promise<TarContent> {
  const archive = await readStreamedTar(tar, context);
  return { archive, root: archive.root() };
}

function isCompressed(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(8);
    return compressionOf(start.subarray(0, readSync(file, start, 0, 8, 0))) !== undefined;
  } finally {
    closeSync(file);
  }
}
