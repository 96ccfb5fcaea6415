import { statSync } from 'node:fs';
import { ScapfeedError } from '../model/index.ts';
import { refusedAccess } from './refused-access.ts';

/** The size of a regular file of content in bytes; a pipe might never end, or never begin. @throws CONTENT_MISSING */
export function sizeOfContent(path: string, remedy = 'check the path'): number {
  const fault = (message: string, cause?: unknown) =>
    new ScapfeedError({
      code: 'CONTENT_MISSING',
      message,
      where: path,
      remedy,
      ...(cause !== undefined && { cause, ...refusedAccess(cause, 'the content file') }),
    });
  const stat = (() => {
    try {
      return statSync(path);
    } catch (cause) {
      throw fault('there is no such file', cause);
    }
  })();
  if (stat.isFile()) return stat.size;
  throw fault(`expected a file, found ${stat.isDirectory() ? 'a folder' : 'a pipe or device'}`);
}
