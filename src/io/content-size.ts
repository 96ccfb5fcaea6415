import { statSync } from 'node:fs';
import { ScapfeedError } from '../model/index.ts';

/** The size of a regular file of content in bytes; a pipe might never end, or never begin. @throws CONTENT_MISSING */
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
