import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type RandomAccess, ScapfeedError } from '../model/index.ts';

/** A file of content, for reading pieces of it. */
export function openPieces(path: string): RandomAccess & { close(): void } {
  const size = sizeOfContent(path);
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

export function sizeOfContent(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return stat.size;
  throw new ScapfeedError({
    code: 'CONTENT_MISSING',
    message: stat
      ? `expected a file, found ${stat.isDirectory() ? 'a folder' : 'a pipe or device'}`
      : 'there is no such file',
    where: path,
    remedy: 'name OVAL definitions, a data stream, or what `scapfeed compile` made of one',
  });
}
