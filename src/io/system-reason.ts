import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorDetails, ScapfeedError } from '../model/error.ts';

/** Codes for a full disk or an exhausted quota. */
const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/** The error for an output that cannot be written to the user's path. */
export function outputNotWritable(details: Omit<ErrorDetails, 'code'>): ScapfeedError {
  return new ScapfeedError({ ...details, code: 'OUTPUT_NOT_WRITABLE' });
}

/** The error for a refused write: DISK_FULL if there is no space, otherwise OUTPUT_NOT_WRITABLE. */
export function writeError(details: Omit<ErrorDetails, 'code'>): ScapfeedError {
  const { code } = (details.cause ?? {}) as NodeJS.ErrnoException;
  return full.has(code) ? new ScapfeedError({ ...details, code: 'DISK_FULL' }) : outputNotWritable(details);
}

/** Waits for work that writes; converts write errors to one about `where`, and passes other errors on. */
export async function writing<T>(work: Promise<T>, where: string, remedy: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const { code, message, path } = cause as NodeJS.ErrnoException;
    if (cause instanceof ScapfeedError || !(full.has(code) || code === 'EROFS')) throw cause;
    throw writeError({
      message: `the disk refused to write: ${message}`,
      where: path ?? where,
      remedy,
      cause,
    });
  }
}

/** The remedy for a path that the file system refuses as too long. */
export const shorterPath =
  'specify a shorter path: most file systems allow 255 bytes for each name in it and 4,096 bytes in all';

export function isTooLong(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'ENAMETOOLONG';
}

const folderForFile = 'expected a file, found a folder';

/** The refusal to read `path`, in words, with its code and the path. What is no refusal of the system is returned as it is. */
export function namedRefusal(cause: unknown, path: string): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  const words =
    code === 'EISDIR'
      ? folderForFile
      : code === 'EACCES' || code === 'EPERM'
        ? `permission denied (${code})`
        : systemReason(Object.assign(cause, { path }));
  return Object.assign(new Error(words, { cause }), { code, syscall: cause.syscall, path });
}

/** The system's reason for a refusal, in words that name the file where a folder is expected; empty for what is no error. */
export function systemReason(cause: unknown): string {
  const file = fileForFolder(cause);
  if (file !== undefined) return `${file} is a file, not a folder`;
  if (!(cause instanceof Error)) return '';
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EISDIR') return folderForFile;
  // Node's message repeats the path, which is hundreds of characters here.
  return isTooLong(cause) ? 'ENAMETOOLONG: the path, or a name in it, is too long' : cause.message;
}

/** Node's own advice, which is for who runs Node: an executable has no such option. */
const adviceOfNode =
  /; if the root CA is installed locally, try running Node\.js with {1,2}--use-system-ca\b/;

/** The reason for a refused connection on one line: OpenSSL ends its messages with a line break. */
export function networkReason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text
    .replace(adviceOfNode, '')
    .trim()
    .replace(/\s*[\r\n]+\s*/g, ' ');
}

/** The path of a file in the place of a folder, or of one above it, which Node reports as ENOTDIR or EEXIST. Undefined: another cause. */
export function fileForFolder(cause: unknown): string | undefined {
  const { code, path } = (cause ?? {}) as NodeJS.ErrnoException;
  return (code === 'ENOTDIR' || code === 'EEXIST') && path !== undefined ? fileInPath(path) : undefined;
}

/** The first part of a path that is there, if it is no folder: nothing can be made below it. */
export function fileInPath(path: string): string | undefined {
  for (let each = path; ; each = dirname(each)) {
    const stats = statSync(each, { throwIfNoEntry: false });
    if (stats) return stats.isDirectory() ? undefined : each;
    if (dirname(each) === each) return undefined;
  }
}

/** A place in a file; a function makes the text only if there is a fault to report. */
export type Where = string | (() => string);

export function whereText(where: Where): string {
  return typeof where === 'string' ? where : where();
}

/** The words for a file that is there but not for this user, which must not look like a missing one. Undefined: another cause. */
export function refusedAccess(
  cause: unknown,
  what: string,
): Pick<ErrorDetails, 'message' | 'remedy'> | undefined {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code !== 'EACCES' && code !== 'EPERM') return undefined;
  return {
    message: `${what} cannot be read: permission denied (${code})`,
    remedy: 'run as a user who may read it and all folders above it, or grant access',
  };
}
