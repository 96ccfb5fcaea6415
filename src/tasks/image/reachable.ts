import { isScapfeedError, ScapfeedError } from '../../model/error.ts';

/** A registry that cannot be reached is an image that cannot be read (2); FETCH errors are of feeds (3). */
export async function reachable<Result>(
  reference: string,
  read: () => Promise<Result>,
  what = 'the image cannot be fetched',
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!isScapfeedError(error) || !error.code.startsWith('FETCH_')) throw error;
    throw new ScapfeedError({
      code: 'IMAGE_UNREACHABLE',
      message: `${what}: ${error.message}`,
      where: error.where ?? reference,
      remedy: error.remedy ?? 'check the name, the network and the login, and try again',
      cause: error,
    });
  }
}
