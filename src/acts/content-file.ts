import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type RandomAccess, ScapfeedError } from '../model/index.ts';

/** A file of OVAL content, for reading pieces of it. @throws CONTENT_MISSING */
export function openPieces(path: string): RandomAccess & { close(): void } {
  const size = sizeOfContent(
    path,
    'specify OVAL definitions, a data stream, or a file of `scapfeed compile`',
  );
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

/** The size of a regular file in bytes. @throws CONTENT_MISSING */
export function sizeOfContent(path: string, remedy = 'check the path'): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return stat.size;
  throw new ScapfeedError({
    code: 'CONTENT_MISSING',
    message: stat
      ? `expected a file, found ${stat.isDirectory() ? 'a folder' : 'a pipe or device'}`
      : 'there is no such file',
    where: path,
    remedy,
  });
}
