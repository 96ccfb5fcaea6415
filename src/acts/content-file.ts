import { openSync, statSync } from 'node:fs';
import { FileAccess } from '../image/view/file-access.ts';
import { ScapfeedError } from '../model/index.ts';

/** A file of OVAL content, for reading pieces of it. @throws CONTENT_MISSING */
export function openPieces(path: string): FileAccess {
  const size = sizeOfContent(
    path,
    'specify OVAL definitions, a data stream, or a file of `scapfeed compile`',
  );
  return new FileAccess(openSync(path, 'r'), size);
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
