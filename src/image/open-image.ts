import { isScapfeedError, ScapfeedError } from '../model/error.ts';
import type { Image } from '../model/inventory/index.ts';
import { startedSystem } from './deployments.ts';
import { detectReference } from './detect-reference.ts';
import type { ImageReadOptions } from './image-options.ts';
import { Budget, defaultLimits } from './limits.ts';
import { referenceText } from './reference.ts';
import { DirView } from './view/dir-view.ts';

/**
 * Opens an image for reading, wherever it is. Nothing in it is executed or unpacked to disk.
 * Errors: IMAGE_REFERENCE_INVALID, IMAGE_NOT_FOUND, IMAGE_MALFORMED, IMAGE_LIMIT_EXCEEDED, IMAGE_DIGEST_MISMATCH;
 * FETCH_* for registries and engines.
 */
export async function openImage(text: string, options: ImageReadOptions): Promise<Image> {
  // Before its file is looked for: `sbom:-` has none.
  if (text.startsWith('sbom:')) throw withoutFiles(text);
  const reference = detectReference(text);
  if (reference.kind === 'sbom') throw withoutFiles(text);
  const budget = new Budget({ ...defaultLimits, ...options.limits });
  if (reference.kind === 'dir') {
    const root = new DirView(reference.path, budget.limits);
    return {
      kind: 'directory',
      reference: referenceText(reference),
      labels: {},
      env: [],
      ...startedSystem(root, reference.path, budget.limits.links),
      close: () => root.close(),
    };
  }
  // A directory does not need the code for archives, layers and networks, which takes longer to load than a scan of it.
  const { openLayeredImage } = await import('./open-layered-image.ts');
  try {
    return await openLayeredImage(reference, options, budget);
  } catch (error) {
    throw reference.kind === 'registry' && isPlainWord(text) ? alsoNoFile(text, error) : error;
  }
}

/** It may have been meant as a file: nothing in it says that it is a place in a registry. */
function isPlainWord(text: string): boolean {
  return !/[/:@]/.test(text);
}

function alsoNoFile(text: string, error: unknown): unknown {
  if (!isScapfeedError(error)) return error;
  const { code, message, where, remedy, cause } = error;
  return new ScapfeedError({
    ...{ code, message: `no such file: ${text}; and as an image: ${message}` },
    ...{ ...(where !== undefined && { where }), ...(remedy !== undefined && { remedy }), cause },
  });
}

function withoutFiles(text: string): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_REFERENCE_INVALID',
    message: 'expected an image with its files, found an SBOM',
    where: text,
    remedy: 'specify an image; scan, explain, inventory, diff, eval and compare take an SBOM in its place',
  });
}
