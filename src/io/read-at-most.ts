import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { type ErrorDetails, isScapfeedError, ScapfeedError } from '../model/error.ts';
import { namedRefusal, refusedAccess } from './system-reason.ts';

const pieceBytes = 1 << 20;

/**
 * Reads a file that a user names, `-` for stdin; the reported size of a pipe or device means nothing. @throws above `limit`, and
 * for a named pipe without a writer, which would block forever
 */
export function readAtMost(file: string, limit: number): Buffer {
  try {
    return readNoMore(file, limit);
  } catch (cause) {
    throw namedRefusal(cause, file);
  }
}

function readNoMore(file: string, limit: number): Buffer {
  const from = file === '-' ? 0 : openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const pieces: Buffer[] = [];
    for (let size = 0; ; ) {
      const piece = Buffer.allocUnsafe(pieceBytes);
      const read = readPiece(from, piece);
      if (read === 0) {
        if (size === 0 && from !== 0 && fstatSync(from).isFIFO())
          throw new Error('it is a pipe that nobody writes to, or that was read before');
        return Buffer.concat(pieces, size);
      }
      size += read;
      if (size > limit) throw new Error(`it has more than ${limit >> 20} MB`);
      pieces.push(piece.subarray(0, read));
    }
  } finally {
    if (from !== 0) closeSync(from);
  }
}

/** Keys, certificates, policies, tailorings and the like: none of them is near this. */
const longestNamed = 64 << 20;

/**
 * Reads a file that a user or another file names, whole; a device that has no end, or a pipe, does not fill the memory or wait
 * for ever. `limit`: bytes. @throws as readAtMost
 */
export function readNamed(file: string, limit: number = longestNamed): Buffer {
  return readAtMost(file === '-' ? './-' : file, limit);
}

/** Refusal to read a file; `what` names the file in its message. */
export interface ReadRefusal extends Required<Pick<ErrorDetails, 'code' | 'where' | 'remedy'>> {
  what: string;
}

/** Returns the result of `read`; an error of the system becomes one with its reason. @throws {ScapfeedError} `refusal.code` */
export function readOrRefuse<T>(read: () => T, { what, ...refusal }: ReadRefusal): T {
  try {
    return read();
  } catch (cause) {
    if (isScapfeedError(cause)) throw cause;
    throw new ScapfeedError({
      ...refusal,
      message: `${what} cannot be read: ${(cause as Error).message}`,
      cause,
    });
  }
}

/** The same for a file of SCAP content. @throws {ScapfeedError} CONTENT_MISSING; the system's error where there is no such file */
export function readContentPart(file: string): Buffer {
  try {
    return readNamed(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall !== undefined) throw cause;
    throw new ScapfeedError({
      code: 'CONTENT_MISSING',
      message: `the file cannot be read: ${(cause as Error).message}`,
      where: file,
      remedy: 'check the path',
      cause,
    });
  }
}

/** A terminal or socket as stdin may have nothing yet, which is not its end. */
function readPiece(from: number, piece: Buffer): number {
  for (;;) {
    try {
      return readSync(from, piece);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

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
