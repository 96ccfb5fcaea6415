import { closeSync, openSync, readSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { sizeOfContent } from '../../io/read-at-most.ts';
import { refusedAccess } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { RandomAccess } from '../../model/inventory/index.ts';

/** A content file opened for reading pieces of it. */
interface ContentFile extends RandomAccess {
  close(): void;
}

/** The largest content that is read from a compressed file. */
const maxUnpacked = 512 * 1024 * 1024;

/** Opens a file of content, plain or packed by gzip; CONTENT_MISSING where it cannot be read. */
export function openContentFile(path: string): ContentFile {
  const file = openFile(path);
  const head = file.read(0, 6);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  if (!isGzip && !isPacked(head)) return file;
  const bytes = isGzip ? file.read(0, file.size) : undefined;
  file.close();
  if (bytes === undefined) throw packed(path, 'expected plain content or gzip, found another compression');
  let plain: Buffer;
  try {
    plain = gunzipSync(bytes, { maxOutputLength: maxUnpacked });
  } catch (cause) {
    throw packed(path, `the gzip stream is cut, damaged or above ${maxUnpacked} bytes`, cause);
  }
  return {
    size: plain.length,
    read: (offset, length) => plain.subarray(offset, Math.min(plain.length, offset + length)),
    close: () => undefined,
  };
}

/** By the first bytes of xz, bzip2 and zstd. */
function isPacked(head: Uint8Array): boolean {
  const start = Buffer.from(head).toString('latin1');
  return start === '\xfd7zXZ\0' || start.startsWith('BZh') || start.startsWith('\x28\xb5\x2f\xfd');
}

function packed(where: string, message: string, cause?: unknown): ScapfeedError {
  const remedy = 'unpack the file, and specify the unpacked one';
  return new ScapfeedError({ code: 'CONTENT_MALFORMED', message, where, remedy, cause });
}

const remedy = 'specify a SCAP data stream, an XCCDF benchmark or a compiled benchmark';

function openFile(path: string): ContentFile {
  // Before it is opened: that waits for the other end of a pipe.
  const size = sizeOfContent(path, remedy);
  try {
    const descriptor = openSync(path, 'r');
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
      remedy,
      ...refusedAccess(cause, 'the content file'),
      cause,
    });
  }
}
