import type { ReadVerification } from '../../fleet/store/verifications.ts';
import { finish } from '../../io/cancellation.ts';
import { type Image, type Inventory, isScapfeedError } from '../../model/index.ts';
import { verifyFilesInSteps } from '../../verify/index.ts';

/**
 * Compares the files of an image with its packages, with pauses in which a server answers. Undefined: the image has no digest that
 * stands for its files, as a folder has none, so that nothing can be said of them the next night.
 */
export async function verifyForFleet(
  { kind, digest, files }: Image,
  inventory: Inventory,
): Promise<ReadVerification | undefined> {
  if (kind !== 'image' || digest === undefined) return undefined;
  try {
    return await finish(verifyFilesInSteps({ files, inventory, live: false }, { allowed: () => false }));
  } catch (error) {
    return refusedBy(error);
  }
}

/** Files that cannot be compared do not make the image one that cannot be read. */
export function refusedBy(error: unknown): ReadVerification {
  if (!isScapfeedError(error)) throw error;
  const { code, message, where } = error;
  return { code, message: where === undefined ? message : `${message} (${where})` };
}
