import { ScapfeedError } from '../model/index.ts';

/** A disk that is full, has no quota left, or takes no writes. */
const refusals: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/** Waits for work that writes; what the disk refuses is told as OUTPUT_NOT_WRITABLE at `where`, all else as it is. */
export async function writing<T>(work: Promise<T>, where: string, remedy: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const { code, message, path } = cause as NodeJS.ErrnoException;
    if (cause instanceof ScapfeedError || !refusals.has(code)) throw cause;
    throw new ScapfeedError({
      code: 'OUTPUT_NOT_WRITABLE',
      message: `the disk refused to write: ${message}`,
      where: path ?? where,
      remedy,
      cause,
    });
  }
}
