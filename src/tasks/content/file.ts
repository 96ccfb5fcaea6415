import { openSync } from 'node:fs';
import { FileAccess } from '../../image/view/file-access.ts';
import { sizeOfContent } from '../../io/read-at-most.ts';

/** A file of OVAL content, for reading pieces of it. @throws CONTENT_MISSING */
export function openPieces(path: string): FileAccess {
  const size = sizeOfContent(
    path,
    'specify OVAL definitions, a data stream, or a file of `scapfeed compile`',
  );
  return new FileAccess(openSync(path, 'r'), size);
}
