import { ScapfeedError } from '../../model/error.ts';
import type { Image } from '../../model/inventory/index.ts';
import type { SignatureGate } from '../../model/verdict/index.ts';

/** The image that was read is the one whose signatures were checked. @throws {ScapfeedError} IMAGE_DIGEST_MISMATCH */
export function requireSameImage(
  gate: SignatureGate | undefined,
  { digest, reference }: Pick<Image, 'digest' | 'reference'>,
): void {
  const checked = gate?.subjects.at(-1)?.digest;
  if (checked === undefined || checked === digest) return;
  throw new ScapfeedError({
    code: 'IMAGE_DIGEST_MISMATCH',
    message: `expected the image ${checked}, whose signatures were checked, found ${digest ?? 'one without a digest'}`,
    where: reference,
    remedy: 'specify the image by its digest, so that nobody can replace it meanwhile',
  });
}

/** Opens an image, and closes it if it is not the one whose signatures were checked. @throws {ScapfeedError} IMAGE_DIGEST_MISMATCH */
export async function openSameImage(
  gate: SignatureGate | undefined,
  open: () => Promise<Image>,
): Promise<Image> {
  const image = await open();
  try {
    requireSameImage(gate, image);
    return image;
  } catch (error) {
    image.close();
    throw error;
  }
}
