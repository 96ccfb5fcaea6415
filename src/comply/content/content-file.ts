import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type RandomAccess, ScapfeedError } from '../../model/index.ts';

/** A content file opened for reading pieces of it. */
interface ContentFile extends RandomAccess {
  close(): void;
}

/** Opens a file of content; CONTENT_MISSING where it cannot be read. */
export function openContentFile(path: string): ContentFile {
  try {
    const descriptor = openSync(path, 'r');
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error('not a file');
    const { size } = stat;
    return {
      size,
      read(offset, length) {
        const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
        let done = 0;
        while (done < bytes.length) {
          const count = readSync(descriptor, bytes, done, bytes.length - done, offset + done);
          if (count === 0) break;
          done += count;
        }
        return bytes.subarray(0, done);
      },
      close: () => closeSync(descriptor),
    };
  } catch (cause) {
    throw new ScapfeedError({
      code: 'CONTENT_MISSING',
      message: 'the content file cannot be read',
      where: path,
      remedy: 'name a SCAP data stream, an XCCDF benchmark or a compiled benchmark',
      cause,
    });
  }
}
