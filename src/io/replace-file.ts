import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { ScapfeedError } from '../model/error.ts';
import { isTooLong, outputNotWritable, shorterPath, systemReason } from './system-reason.ts';
import { temporaryBeside } from './temporary.ts';
import { discardUnfinished, forgetUnfinished } from './unfinished.ts';

/** Error codes if a file can be written but not replaced by a rename, such as a file mounted by itself. */
const folderRefusals: readonly unknown[] = ['EACCES', 'EPERM', 'EBUSY', 'EROFS', 'EXDEV'];

/**
 * Writes a file atomically: a reader sees the old or the new text, and a full disk leaves the old one. A link stays a link;
 * anything else than a file (a pipe, /dev/stdout) is written to directly. A text in parts is never in memory as a whole.
 */
function replaceFile(path: string, text: string | Iterable<string>): void {
  const old = statSync(path, { throwIfNoEntry: false });
  if (old && !old.isFile()) {
    writeParts(path, 'w', text);
    return;
  }
  const target = old ? realpathSync(path) : path;
  const beside = temporaryBeside(target);
  let isWritten = false;
  try {
    writeParts(beside, 'wx', text);
    isWritten = true;
    if (old) chmodSync(beside, old.mode & 0o777);
    renameSync(beside, target);
    forgetUnfinished(beside);
  } catch (error) {
    if (!old || !isFolderRefusal(error)) {
      discardUnfinished(beside);
      throw error;
    }
    // Parts can be asked for once only.
    if (isWritten) writeFileSync(target, readFileSync(beside));
    else writeParts(target, 'w', text);
    discardUnfinished(beside);
  }
}

/** Writes bytes, which may change after the call. */
export type WriteBytes = (bytes: Uint8Array) => void;

/**
 * The same for bytes that are produced while they are written: on failure the old file stays. A target that is not a regular
 * file, or cannot be replaced, is written once all bytes are there.
 */
async function replaceFileWhile(path: string, make: (write: WriteBytes) => Promise<void>): Promise<void> {
  const old = statSync(path, { throwIfNoEntry: false });
  const target = old?.isFile() ? realpathSync(path) : path;
  const beside = temporaryBeside(target);
  try {
    const file = old && !old.isFile() ? undefined : openBeside(beside, old !== undefined);
    if (file === undefined) {
      const parts: Buffer[] = [];
      await make((bytes) => parts.push(Buffer.from(bytes)));
      writeFileSync(target, Buffer.concat(parts));
      return;
    }
    try {
      await make((bytes) => {
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      });
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (old) chmodSync(beside, old.mode & 0o777);
    try {
      renameSync(beside, target);
    } catch (error) {
      if (!old || !isFolderRefusal(error)) throw error;
      writeFileSync(target, readFileSync(beside));
    }
  } finally {
    discardUnfinished(beside);
  }
}

/** Undefined: there is a file to write to, and none can be made beside it. */
function openBeside(path: string, hasOld: boolean): number | undefined {
  try {
    return openSync(path, 'wx');
  } catch (error) {
    if (hasOld && isFolderRefusal(error)) return undefined;
    throw error;
  }
}

function isFolderRefusal(error: unknown): boolean {
  return folderRefusals.includes((error as NodeJS.ErrnoException).code);
}

/** Bytes that are gathered for one write. */
const portion = 1 << 16;

function writeParts(path: string, flag: 'w' | 'wx', text: string | Iterable<string>): void {
  const file = openSync(path, flag);
  try {
    for (const part of typeof text === 'string' ? [text] : portions(text)) writeFileSync(file, part);
    if (flag === 'wx') fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function* portions(parts: Iterable<string>): Iterable<string> {
  let gathered = '';
  for (const part of parts) {
    gathered += part;
    if (gathered.length < portion) continue;
    yield gathered;
    gathered = '';
  }
  if (gathered !== '') yield gathered;
}

/** Writes what a command was asked for into a file: the whole of it or nothing. */
export function writeResult(file: string, what: string, text: string | Iterable<string>): void {
  try {
    replaceFile(file, text);
  } catch (cause) {
    // A text that is made while it is written reads the feed, which may be damaged.
    throw cause instanceof ScapfeedError ? cause : notWritten(file, what, cause);
  }
}

/** The same for what is made while it is written. */
export async function writeResultWhile(
  file: string,
  what: string,
  make: (write: WriteBytes) => Promise<void>,
): Promise<void> {
  try {
    await replaceFileWhile(file, make);
  } catch (cause) {
    // Of system calls only those of writing are here; what is made has errors of its own.
    throw cause instanceof ScapfeedError || (cause as NodeJS.ErrnoException).syscall === undefined
      ? cause
      : notWritten(file, what, cause);
  }
}

function notWritten(file: string, what: string, cause: unknown): ScapfeedError {
  return outputNotWritable({
    message: `the ${what} cannot be written: ${systemReason(cause)}`,
    where: file,
    remedy: isTooLong(cause)
      ? shorterPath
      : 'specify a file in an existing, writable folder with enough free space',
    cause,
  });
}
