import { type ErrorDetails, ScapfeedError } from '../model/index.ts';

/** No room or no quota left. */
const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/** The error of an output that cannot be written where the user wants it. */
export function outputNotWritable(details: Omit<ErrorDetails, 'code'>): ScapfeedError {
  return new ScapfeedError({ ...details, code: 'OUTPUT_NOT_WRITABLE' });
}

/** The error of a write that the system refused: DISK_FULL where it had no room, else OUTPUT_NOT_WRITABLE. */
export function writeError(details: Omit<ErrorDetails, 'code'>): ScapfeedError {
  const { code } = (details.cause ?? {}) as NodeJS.ErrnoException;
  return full.has(code) ? new ScapfeedError({ ...details, code: 'DISK_FULL' }) : outputNotWritable(details);
}

/** Waits for work that writes; what the disk refuses is told as such at `where`, all else as it is. */
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
