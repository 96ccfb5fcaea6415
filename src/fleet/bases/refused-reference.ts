import { isScapfeedError } from '../../model/error.ts';
import { registryOfMachine } from '../from-registries.ts';
import { requireKeepableName } from '../store/keepable.ts';

/**
 * Why the base that an image states is not asked for. Whoever makes an image chooses it, and a run can reach more than they can: it is
 * read of a registry on this machine only for images of the same one. `names`: of the image.
 */
export function refusedReference(reference: string, names: readonly string[]): string | undefined {
  try {
    requireKeepableName(reference);
  } catch (error) {
    if (!isScapfeedError(error)) throw error;
    return error.message;
  }
  const registry = registryOfMachine(reference);
  if (registry === undefined || names.some((name) => registryOfMachine(name) === registry)) return undefined;
  return `it is of a registry on this machine, and the image is not`;
}
