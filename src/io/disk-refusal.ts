import { type ErrorDetails, ScapfeedError } from '../model/index.ts';

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
